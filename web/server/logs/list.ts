import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LogList } from '../../../core/contract/logs.ts';
import { rotatedNames } from '../../../core/logs/chain.ts';
import type { LogSource } from '../../../core/logs/searchLog.ts';
import type { ServiceLog } from './names.ts';

type Entry = LogList['logs'][number];

/** What files each log has. One that cannot be looked at counts as not there. */
export async function describeLogs(logs: readonly ServiceLog[]): Promise<LogList> {
  return { logs: await Promise.all(logs.map(describe)) };
}

async function describe({ id, sources }: ServiceLog): Promise<Entry> {
  return { id, streams: await Promise.all(sources.map(describeStream)) };
}

async function describeStream({ stream, path }: LogSource): Promise<Entry['streams'][number]> {
  const live = await factsOf(path);
  const names = await rotatedNames(path);
  const rotated = await Promise.all(
    names.reverse().map(async (file) => {
      const facts = await factsOf(join(dirname(path), file));
      return facts ? [{ file, ...facts }] : [];
    }),
  );
  return {
    stream,
    file: basename(path),
    size: live?.size ?? null,
    changedAt: live?.changedAt ?? null,
    rotated: rotated.flat(),
  };
}

async function factsOf(path: string): Promise<{ size: number; changedAt: string } | null> {
  const facts = await stat(path).catch(() => null);
  return facts?.isFile() ? { size: facts.size, changedAt: facts.mtime.toISOString() } : null;
}
