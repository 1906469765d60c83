import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { OrchestratorError } from '../../../core/contract/errors.ts';
import { type Exchange, queryOf } from '../context.ts';
import { createReader, startStream } from '../events.ts';
import { sendNewest } from '../newest.ts';
import type { Problem } from '../problem.ts';
import { createBacklog } from './backlog.ts';
import { type Preview, readBinary, readText } from './frames.ts';

export interface ComfyEventsOptions {
  readonly exchange: Exchange;
  /** Of ComfyUI, http or https. */
  readonly address: string;
  /** What is told of a ComfyUI that does not answer; never rejects. */
  readonly lost: () => Promise<Problem | null>;
  readonly pingMs?: number;
  readonly stallMs?: number;
  readonly previewGapMs?: number;
  /** First pause before a new connection; each further one is twice as long, up to ten seconds. */
  readonly retryMs?: number;
}

/**
 * `GET /api/comfy/events`: ComfyUI's WebSocket as an event stream. `ready` tells the client id with which a job must be
 * submitted for its events to arrive here; after a lost connection there is a new one, since ComfyUI may forget an id
 * that comes back too soon. Returns what ends the stream.
 */
export function streamComfyEvents({
  exchange,
  address,
  lost,
  pingMs = 15_000,
  stallMs = 60_000,
  previewGapMs = 250,
  retryMs = 1000,
}: ComfyEventsOptions): () => void {
  const { request, response } = exchange;
  let clientId: string | null = wantedId(exchange);
  startStream(exchange);
  if (request.method === 'HEAD') {
    response.end();
    return () => {};
  }
  const reader = createReader({ response, stallMs });
  const { sink } = reader;
  const news = createBacklog({ sink });
  let socket: WebSocket | null = null;
  let retry: NodeJS.Timeout | null = null;
  let tries = 0;
  let closed = false;
  let told = true;

  const preview = sendNewest<Preview>({
    sink,
    gapMs: previewGapMs,
    send: (value) => void sink.write('preview', JSON.stringify(value)),
  });

  function connect(): void {
    retry = null;
    const id = clientId ?? randomUUID();
    clientId = null;
    const target = `${address.replace(/^http/, 'ws')}/ws?clientId=${id}`;
    const opened = new WebSocket(target, {
      handshakeTimeout: 5000,
      maxPayload: 16 * 2 ** 20,
      perMessageDeflate: false,
    });
    socket = opened;
    opened.on('open', () => {
      tries = 0;
      told = false;
      // Only the first message may ask for previews that say which job they are of.
      opened.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }));
      news.send('ready', { clientId: id });
    });
    opened.on('message', (data: Buffer, isBinary) => {
      const message = isBinary ? readBinary(data) : readText(data.toString('utf8'));
      if (message?.kind === 'preview') preview.offer(message.preview);
      else if (message) news.send(message.type, message.data);
    });
    opened.on('error', () => {});
    opened.on('close', again);
  }

  async function tellLost(wait: number): Promise<void> {
    const problem = await lost();
    if (!closed) news.send('disconnected', { problem, retryMs: wait });
  }

  function again(): void {
    if (closed) return;
    const wait = Math.min(10_000, retryMs * 2 ** tries);
    tries += 1;
    if (!told || tries === 1) void tellLost(wait);
    told = true;
    retry = setTimeout(connect, wait).unref();
  }

  function stop(): void {
    closed = true;
    clearInterval(pinger);
    if (retry) clearTimeout(retry);
    preview.stop();
    news.clear();
    reader.stop();
    socket?.terminate();
  }

  const pinger = setInterval(() => reader.ping(), pingMs).unref();
  response.once('close', stop);
  connect();
  return () => {
    stop();
    reader.bye();
  };
}

function wantedId(exchange: Exchange): string | null {
  const given = queryOf(exchange).get('clientId');
  if (given === null || /^[\w-]{1,64}$/.test(given)) return given;
  throw new OrchestratorError('ORC4005', { detail: 'clientId: letters, digits, _ and - only, at most 64.' });
}
