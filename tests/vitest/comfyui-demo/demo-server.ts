import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

const MAIN = fileURLToPath(new URL('../../../comfyui-demo/main.ts', import.meta.url));

export type Message = { type: string; data: Record<string, unknown> } | { binary: Record<string, unknown> };

/** A started demo ComfyUI. */
export interface Demo {
  url: string;
  port: number;
  folder: string;
  process: ChildProcess;
  log: () => string;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  get: (path: string, init?: RequestInit) => Promise<Response>;
  post: (path: string, body: unknown) => Promise<Response>;
  stop: () => Promise<void>;
}

/** Starts the program on a free port, and resolves when it says that it listens. */
export async function startDemo(args: readonly string[] = [], { ipc = false } = {}): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'comfyui-demo-'));
  const all = [MAIN, '--port', '0', '--base-directory', folder, '--step-ms', '0', ...args];
  const child = spawn(process.execPath, all, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
  });
  let log = '';
  child.stdout?.on('data', (data) => {
    log += data;
  });
  const exited: Demo['exited'] = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stderr?.on('data', (data) => {
      log += data;
      const [, found] = /GUI go to: http:\/\/\S+?:(\d+)\n/.exec(log) ?? [];
      if (found) resolve(Number(found));
    });
    child.once('exit', () => reject(new Error(`the demo ended at once: ${log}`)));
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    ...{ url, port, folder, exited },
    process: child,
    log: () => log,
    get: (path, init) => fetch(url + path, init),
    post: (path, body) =>
      fetch(url + path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
      await exited;
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function describeBinary(frame: Buffer): Record<string, unknown> {
  const event = frame.readUInt32BE(0);
  const second = frame.readUInt32BE(4);
  if (event === 1) return { event, image_type: second, magic: frame.toString('hex', 8, 12) };
  const metadata = JSON.parse(frame.toString('utf8', 8, 8 + second)) as unknown;
  return { event, metadata, magic: frame.toString('hex', 8 + second, 12 + second) };
}

/** A socket of one client that remembers all it heard. */
export class Listener {
  readonly messages: Message[] = [];
  readonly socket: WebSocket;
  #waiters: (() => void)[] = [];

  constructor(demo: Demo, clientId: string | null, { flags = false } = {}) {
    const query = clientId === null ? '' : `?clientId=${clientId}`;
    this.socket = new WebSocket(`ws://127.0.0.1:${demo.port}/ws${query}`);
    this.socket.on('open', () => {
      if (flags)
        this.socket.send(
          JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }),
        );
    });
    this.socket.on('message', (data: Buffer, binary) => {
      this.messages.push(
        binary ? { binary: describeBinary(data) } : (JSON.parse(data.toString()) as Message),
      );
      for (const wake of this.#waiters.splice(0)) wake();
    });
  }

  /** Resolves with the first message that satisfies, whether heard already or still to come. */
  async until(matches: (message: Message) => boolean): Promise<Message> {
    for (let index = 0; ; index++) {
      while (index >= this.messages.length)
        await new Promise<void>((resolve) => {
          this.#waiters.push(resolve);
        });
      const message = this.messages[index] as Message;
      if (matches(message)) return message;
    }
  }

  /** Until that prompt is over. */
  over(promptId: string): Promise<Message> {
    return this.until(
      (message) =>
        'type' in message &&
        message.type === 'executing' &&
        message.data.node === null &&
        message.data.prompt_id === promptId,
    );
  }

  close(): void {
    this.socket.terminate();
  }
}

export interface Submitted {
  prompt_id: string;
  number: number;
  node_errors: Record<string, { errors: { type: string; extra_info: Record<string, unknown> }[] }>;
}

/** Submits a graph and expects it to be taken. */
export async function submit(
  demo: Demo,
  prompt: unknown,
  more: Record<string, unknown> = {},
): Promise<Submitted> {
  const response = await demo.post('/prompt', { prompt, ...more });
  if (response.status !== 200) throw new Error(`refused: ${await response.text()}`);
  return (await response.json()) as Submitted;
}

export interface HistoryEntry {
  prompt: [number, string, unknown, Record<string, unknown>, string[]];
  outputs: Record<string, { images: { filename: string; subfolder: string; type: string }[] }>;
  status: { status_str: string; completed: boolean; messages: [string, Record<string, unknown>][] };
  meta: Record<string, unknown>;
}

/** Waits until the prompt is in the history. */
export async function finished(demo: Demo, promptId: string): Promise<HistoryEntry> {
  for (;;) {
    const history = (await (await demo.get(`/history/${promptId}`)).json()) as Record<string, HistoryEntry>;
    const entry = history[promptId];
    if (entry) return entry;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Waits until nothing runs or waits. */
export async function idle(demo: Demo): Promise<void> {
  for (;;) {
    const queue = (await (await demo.get('/prompt')).json()) as { exec_info: { queue_remaining: number } };
    if (queue.exec_info.queue_remaining === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
