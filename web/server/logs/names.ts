import { OrchestratorError } from '../../../core/contract/errors.ts';
import { type LogStream, logStreams } from '../../../core/contract/logs.ts';
import type { Manifest, Service } from '../../../core/contract/manifest.ts';
import type { LogSource } from '../../../core/logs/searchLog.ts';

/** The log of one service. */
export interface ServiceLog {
  readonly id: string;
  /** Stdout before stderr; one file that both share comes once. */
  readonly sources: readonly LogSource[];
}

/** One stream of one log. */
export interface WantedLog extends LogSource {
  readonly id: string;
}

/** All logs, in the order of the manifest. What runs elsewhere has none here. */
export function listLogs({ services }: Manifest): ServiceLog[] {
  return services.filter(({ mode }) => mode !== 'external').map(logOf);
}

function logOf({ id, logs }: Service): ServiceLog {
  const shared = logs.stdout === logs.stderr;
  const streams = shared ? (['stdout'] as const) : logStreams;
  return { id, sources: streams.map((stream) => ({ stream, path: logs[stream] })) };
}

/** Throws ORC4020 for what is neither an id nor an alias of a service with a log. */
export function findLog(manifest: Manifest, name: string): ServiceLog {
  const found = manifest.services.find(({ id, aliases }) => id === name || aliases.includes(name));
  if (found && found.mode !== 'external') return logOf(found);
  const known = listLogs(manifest)
    .map(({ id }) => id)
    .join(', ');
  throw new OrchestratorError('ORC4020', { name: name.slice(0, 64), known });
}

/** The one stream that is asked for, or all there are. Stderr that goes into the file of stdout is found there. */
export function sourcesOf({ sources }: ServiceLog, stream?: LogStream): readonly LogSource[] {
  if (stream === undefined) return sources;
  const found = sources.filter((source) => source.stream === stream);
  return found.length > 0 ? found : sources;
}

/** Reads `comfyui,panel.stderr`. Throws ORC4020. */
export function readNames(manifest: Manifest, names: string): WantedLog[] {
  const wanted = new Map<string, WantedLog>();
  for (const name of names.split(',').filter(Boolean)) {
    const [, service = name, stream] = /^(.*)\.(stdout|stderr)$/s.exec(name) ?? [];
    const log = findLog(manifest, service);
    for (const source of sourcesOf(log, stream as LogStream | undefined)) {
      wanted.set(`${log.id}.${source.stream}`, { id: log.id, ...source });
    }
  }
  return [...wanted.values()];
}
