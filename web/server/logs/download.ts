import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { OrchestratorError } from '../../../core/contract/errors.ts';
import { rotatedNames } from '../../../core/logs/chain.ts';
import { type OpenFile, openFile } from '../../../core/logs/openFile.ts';
import type { LogSource } from '../../../core/logs/searchLog.ts';
import type { Exchange } from '../context.ts';
import { coverSecrets } from './coverSecrets.ts';

/**
 * Sends one file of a log as it is at this moment, or a part of it; secrets are covered. The name is looked up among the
 * files that the log has. Throws ORC4023.
 */
export async function sendLogFile({
  exchange,
  log,
  source,
  file = basename(source.path),
  secrets,
}: {
  exchange: Exchange;
  /** Id of the service. */
  log: string;
  source: LogSource;
  file?: string | undefined;
  secrets: readonly string[];
}): Promise<void> {
  const names = [basename(source.path), ...(await rotatedNames(source.path))];
  const name = names.find((known) => known === file);
  const opened = name === undefined ? null : await openFile(join(dirname(source.path), name));
  if (!opened || name === undefined)
    throw new OrchestratorError('ORC4023', { log, file: file.slice(0, 200) });
  try {
    await send({ exchange, opened, name, secrets });
  } finally {
    await opened.handle.close();
  }
}

async function send({
  exchange: { request, response },
  opened: { handle },
  name,
  secrets,
}: {
  exchange: Exchange;
  opened: OpenFile;
  name: string;
  secrets: readonly string[];
}): Promise<void> {
  const { size } = await handle.stat();
  const range = request.headers['if-range'] === undefined ? rangeOf(request.headers.range, size) : null;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Content-Disposition', disposition(name));
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Accept-Ranges', 'bytes');
  if (range === 'beyond') {
    response.writeHead(416, { 'Content-Range': `bytes */${size}`, 'Content-Length': 0 });
    return void response.end();
  }
  const { start, end } = range ?? { start: 0, end: size };
  if (range) response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${size}`);
  response.writeHead(range ? 206 : 200, { 'Content-Length': end - start });
  if (request.method === 'HEAD') return void response.end();
  try {
    await pipeline(
      Readable.from(coverSecrets({ handle, start, end, size, secrets }), { objectMode: false }),
      response,
    );
  } catch {
    // The reader has left, or the file was emptied: what was promised cannot be sent.
    response.destroy();
  }
}

/** The bytes that a header asks for, the end left out; null for all of them, as for what is not understood. */
function rangeOf(header: string | undefined, size: number): { start: number; end: number } | 'beyond' | null {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return null;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size : Math.min(size, Number(to) + 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return null;
  return start >= size || start >= end ? 'beyond' : { start, end };
}

function disposition(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, percent)}`;
}

function percent(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
}
