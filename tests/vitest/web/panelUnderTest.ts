import { rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import type { CmdletName } from '../../../core/contract/cmdlets.ts';
import type { Manifest } from '../../../core/contract/manifest.ts';
import { createLogger, type Logger } from '../../../core/logger.ts';
import type { PanelBridge } from '../../../web/server/bridge.ts';
import { type Limits, type Panel, startPanel } from '../../../web/server/panel.ts';
import { loadSettings } from '../../../web/server/settings.ts';
import { faultOfEvent, judgeAnswer } from './answers.ts';
import { scenes } from './scenes.ts';
import { createStateFolder, type StateFolder } from './stateFolder.ts';

export interface Call {
  readonly name: CmdletName;
  readonly params: Readonly<Record<string, unknown>>;
  readonly detached: boolean;
  readonly timeoutMs: number | null;
}

export interface PanelUnderTest {
  readonly panel: Panel;
  readonly port: number;
  readonly folder: StateFolder;
  /** What was asked of PowerShell, in order. */
  readonly calls: readonly Call[];
}

type Answering = (call: Call) => unknown;

/** A bridge that notes what it is asked and answers with what `answer` returns or throws. */
export function fakeBridge(calls: Call[], answer: Answering): PanelBridge {
  const note = async (call: Call) => {
    calls.push(call);
    return answer(call);
  };
  return {
    call: (name, params, { timeoutMs }) => note({ name, params, detached: false, timeoutMs }) as never,
    callDetached: async (name, params) => {
      await note({ name, params, detached: true, timeoutMs: null });
    },
  };
}

/** The real server on a free port over a state folder of its own; ended with the test. */
export async function startTestPanel({
  scene = 'healthy',
  answer = () => ({ data: [], records: [] }),
  env = {},
  port = 0,
  limits = {},
  change,
  logger = createLogger({ name: 'panel', level: 'silent' }),
}: {
  scene?: string;
  answer?: Answering;
  env?: Readonly<Record<string, string>>;
  /** 0 takes a free one. */
  port?: number;
  limits?: Limits;
  change?: (manifest: Manifest) => Manifest;
  logger?: Logger;
} = {}): Promise<PanelUnderTest> {
  const folder = await createStateFolder(change ? { change } : {});
  onTestFinished(() => rm(folder.dataDir, { recursive: true, force: true }));
  await scenes[scene]?.(folder);
  const settings = await loadSettings({
    env: { ORCHESTRATOR_MANIFEST: folder.manifestPath, ORCHESTRATOR_SERVICE_ID: 'panel', ...env },
    root: process.cwd(),
    // The project's own .env.local is none of a test's business.
    secrets: env,
  });
  const calls: Call[] = [];
  const panel = await startPanel({
    settings: { ...settings, port },
    bridge: fakeBridge(calls, answer),
    logger,
    limits,
  });
  onTestFinished(() => panel.close());
  return { panel, port: panel.port, folder, calls };
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a body of any shape is looked at
  json(): any;
}

/**
 * One request as a script sends it: nothing is added to the headers but Host. An answer that is not as the contract
 * says rejects.
 */
export function ask(
  port: number,
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
    host = '127.0.0.1',
  }: {
    method?: string;
    headers?: Readonly<Record<string, string | readonly string[]>>;
    body?: string | Buffer;
    host?: string;
  } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host,
        port,
        path,
        method,
        headers: { host: `localhost:${port}`, ...(headers as object) },
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const status = response.statusCode ?? 0;
          try {
            judgeAnswer({ method, path, status, type: response.headers['content-type'] ?? '', text });
          } catch (error) {
            reject(error as Error);
          }
          resolve({
            status,
            headers: response.headers,
            text,
            json: () => JSON.parse(text),
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Sends bytes as they are and returns all that comes back until the other side closes, or nothing comes for a while. */
export function sendRaw(port: number, text: string, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port }, () => socket.write(text));
    let received = '';
    socket.setTimeout(1500, () => socket.destroy());
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
}

export interface StreamEvent {
  readonly name: string;
  readonly id: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: data of any event
  readonly data: any;
  readonly at: number;
}

/**
 * Reads an event stream; `next` waits for the first event after the last one taken that has the name. An event that is
 * not as the contract says fails the test.
 */
export async function openEvents(
  port: number,
  headers: Readonly<Record<string, string>> = {},
  path = '/api/events',
) {
  const events: StreamEvent[] = [];
  const faults: string[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  let ended = false;
  let taken = 0;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path,
        headers: { host: `localhost:${port}`, ...headers },
        agent: false,
      },
      resolve,
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
  const wake = () => {
    for (const each of waiting) each();
  };
  response.on('data', (chunk: Buffer) => {
    const blocks = (rest + chunk.toString('utf8')).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null;
      const text = field('data');
      // What only says how soon to come back is no event.
      if (text === null) continue;
      const event = {
        name: field('event') ?? '',
        id: field('id'),
        data: JSON.parse(text),
        at: performance.now(),
      };
      const fault = faultOfEvent({ path, ...event });
      if (fault !== null) faults.push(fault);
      events.push(event);
    }
    wake();
  });
  for (const name of ['end', 'close', 'error'] as const) {
    response.on(name, () => {
      ended = true;
      wake();
    });
  }
  onTestFinished(() => {
    response.destroy();
    if (faults.length > 0) throw new Error(faults[0]);
  });
  const until = async <T>(found: () => T | null, what: string, ms = 3000): Promise<T> => {
    const deadline = performance.now() + ms;
    for (;;) {
      if (faults.length > 0) throw new Error(faults[0]);
      const value = found();
      if (value !== null) return value;
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`no ${what} within ${ms} ms; came: ${events.map(({ name }) => name)}`);
      await new Promise<void>((resolve) => {
        const done = () => {
          waiting.delete(done);
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(done, left);
        waiting.add(done);
      });
    }
  };
  return {
    response,
    events,
    next: (name: string, ms?: number) =>
      until(
        () => {
          const index = events.findIndex((event, at) => at >= taken && event.name === name);
          if (index < 0) return null;
          taken = index + 1;
          return events[index] ?? null;
        },
        name,
        ms,
      ),
    end: (ms?: number) => until(() => (ended ? true : null), 'end', ms),
    close: () => response.destroy(),
  };
}
