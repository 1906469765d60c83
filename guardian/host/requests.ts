import type { Socket } from 'node:net';
import { errorText, OrchestratorError } from '../../core/contract/errors.ts';
import type { HostRequest, HostResponse } from '../../core/contract/hostProtocol.ts';
import { parseRequest } from './wire.ts';

const mostBytes = 1_048_576;
/** A connection must have sent its line by then. */
const requestMs = 5000;
/** After the answer, for a client that does not close. */
const closeMs = 1000;

export interface Answer {
  readonly response: HostResponse;
  /** Carried out once the answer has left, or the client has. */
  readonly afterwards?: () => void;
}

/** Reads one line, answers with one line, closes. A client that leaves early does not stop what it asked for. */
export function serveConnection({
  socket,
  answer,
  currentRun,
}: {
  socket: Socket;
  answer: (request: HostRequest) => Promise<Answer>;
  currentRun: () => unknown;
}): void {
  const parts: Buffer[] = [];
  let bytes = 0;
  let taken = false;
  const timer = setTimeout(() => socket.destroy(), requestMs);
  const refuse = (detail: string): Answer => ({ response: malformed(detail, currentRun()) });
  const take = (work: () => Promise<Answer>): void => {
    taken = true;
    clearTimeout(timer);
    void work().then((result) => reply(socket, result));
  };
  socket.on('error', () => {});
  socket.on('close', () => clearTimeout(timer));
  socket.on('data', (chunk: Buffer) => {
    if (taken) return;
    bytes += chunk.length;
    if (bytes > mostBytes) return take(async () => refuse('it is larger than 1 MB'));
    parts.push(chunk);
    if (chunk.includes(10)) take(() => handle(firstLine(parts), answer, refuse));
  });
  socket.on('end', () => {
    if (taken) return;
    if (bytes === 0) socket.destroy();
    else take(() => handle(firstLine(parts), answer, refuse));
  });
}

function firstLine(parts: readonly Buffer[]): string {
  return Buffer.concat(parts).toString('utf8').split('\n', 1)[0] ?? '';
}

async function handle(
  line: string,
  answer: (request: HostRequest) => Promise<Answer>,
  refuse: (detail: string) => Answer,
): Promise<Answer> {
  const request = parseRequest(line.replace(/^\uFEFF/, ''));
  return request.ok ? await answer(request.value) : refuse(request.fault);
}

function malformed(detail: string, run: unknown): HostResponse {
  return failure(new OrchestratorError('ORC4005', { detail }), run);
}

/** Any error as an answer; one without a code of the registry counts as a failed start. */
export function failure(error: unknown, run: unknown): HostResponse {
  const known =
    error instanceof OrchestratorError ? error : new OrchestratorError('ORC2004', { detail: String(error) });
  const { what, why, fix } = errorText({ code: known.code, data: known.data });
  return { ok: false, run, error: { code: known.code, message: `${what} ${why} ${fix}` } };
}

function reply(socket: Socket, { response, afterwards }: Answer): void {
  let done = false;
  const finish = (): void => {
    if (done) return;
    done = true;
    afterwards?.();
  };
  socket.once('close', finish);
  setTimeout(() => socket.destroy(), closeMs).unref();
  if (socket.destroyed) finish();
  else socket.end(`${JSON.stringify(response)}\n`, finish);
}
