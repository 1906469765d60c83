import { downloadQuerySchema, pageQuerySchema, searchQuerySchema } from '../../../core/contract/logs.ts';
import type { Manifest } from '../../../core/contract/manifest.ts';
import type { Logger } from '../../../core/logger.ts';
import type { LogHub } from '../../../core/logs/hub.ts';
import { createMask, secretTexts } from '../../../core/logs/mask.ts';
import type { Part } from '../app.ts';
import type { Channel } from '../channel.ts';
import type { Exchange } from '../context.ts';
import { createEventStream } from '../events.ts';
import { readQuery } from '../query.ts';
import { sendJson } from '../respond.ts';
import { createLogsChannel } from './channel.ts';
import { readingFaults } from './faults.ts';
import { findLog, listLogs, type ServiceLog, sourcesOf } from './names.ts';
import type { Searches } from './search.ts';

export interface LogsPart extends Part {
  /** The event `logs` of `GET /api/events?logs=`. */
  readonly channel: Channel;
}

/** The routes below /api/logs. What reads files is loaded with the first request for them. */
export function createLogsPart({
  manifest,
  secretValues,
  logger,
}: {
  manifest: Manifest;
  /** Asked whenever a log is opened: secrets change. */
  secretValues: () => readonly string[];
  logger: Logger;
}): LogsPart {
  let hub: Promise<LogHub> | null = null;
  let searches: Promise<Searches> | null = null;
  const secrets = () => secretTexts(secretValues());
  const mask = () => createMask(secrets());

  async function openHub(): Promise<LogHub> {
    const { createLogHub } = await import('../../../core/logs/hub.ts');
    const { watchFile } = await import('../../../core/logs/watchFile.ts');
    const onTrouble = (error: unknown) => logger.warn({ err: error }, 'a log cannot be read');
    return createLogHub({ mask, watch: watchFile, onTrouble });
  }

  async function openSearches(): Promise<Searches> {
    const { createSearches } = await import('./search.ts');
    return createSearches({ secrets });
  }

  const channel = createLogsChannel({ manifest, hub: () => (hub ??= openHub()), logger });
  const events = createEventStream({ hello: {}, channels: [channel as Channel] });
  const logOf = ({ params }: Exchange): ServiceLog => findLog(manifest, params['id'] ?? '');

  async function list({ response }: Exchange): Promise<void> {
    const { describeLogs } = await import('./list.ts');
    sendJson(response, JSON.stringify(await describeLogs(listLogs(manifest))));
  }

  async function page(exchange: Exchange): Promise<void> {
    const log = logOf(exchange);
    if (wantsStream(exchange)) return events.open(exchange);
    const query = readQuery(exchange, pageQuerySchema);
    const { readPage } = await import('./page.ts');
    const sources = sourcesOf(log, query.stream);
    const answer = await readingFaults(log.id, () => readPage({ sources, query, mask: mask() }));
    sendJson(exchange.response, JSON.stringify(answer));
  }

  async function search(exchange: Exchange): Promise<void> {
    const log = logOf(exchange);
    const query = readQuery(exchange, searchQuerySchema);
    searches ??= openSearches();
    const { run } = await searches;
    await readingFaults(log.id, () => run({ exchange, sources: sourcesOf(log, query.stream), query }));
  }

  async function download(exchange: Exchange): Promise<void> {
    const { id, ...log } = logOf(exchange);
    const { stream, file } = readQuery(exchange, downloadQuerySchema);
    const [source] = sourcesOf({ id, ...log }, stream);
    if (!source) return;
    const { sendLogFile } = await import('./download.ts');
    await readingFaults(id, () => sendLogFile({ exchange, log: id, source, file, secrets: secrets() }));
  }

  return {
    channel: channel as Channel,
    routes: [
      { pattern: '/api/logs', methods: { GET: list } },
      { pattern: '/api/logs/{id}', methods: { GET: page } },
      { pattern: '/api/logs/{id}/search', methods: { GET: search } },
      { pattern: '/api/logs/{id}/download', methods: { GET: download } },
    ],
    close() {
      events.close();
      void hub?.then((opened) => opened.close());
      void searches?.then((opened) => opened.close());
    },
  };
}

function wantsStream({ request }: Exchange): boolean {
  return (request.headers.accept ?? '').includes('text/event-stream');
}
