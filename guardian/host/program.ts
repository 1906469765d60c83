import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Options, ResultPromise } from 'execa';
import type { HostSpec } from '../../core/contract/hostProtocol.ts';
import { codeOf, type LogSink } from './logSink.ts';
import { isAlive, type ProcessIdentity, processStart } from './procfs.ts';
import { descendants, killTree, sendSignal } from './tree.ts';

export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** Why a program could not be spawned, in words an operator understands. */
export class SpawnFault extends Error {}

/** A silent pipe that stays open this long after the program's end is held by a process that left its tree. */
const silentPipeMs = 500;
const leftoverGraceMs = 500;

const windows = process.platform === 'win32';

function spawnOptions(spec: HostSpec, env: Record<string, string>) {
  // Only a Node program understands the channel, and only Windows has no signal that a program can catch.
  const ipc = windows && /^node(\.exe)?$/i.test(basename(spec.command.file));
  return {
    cwd: spec.cwd,
    env,
    extendEnv: false,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    encoding: 'buffer',
    reject: false,
    cleanup: false,
    windowsHide: true,
    // A group of its own; on Windows this would mean a console window, and the job object there does the tidying.
    detached: !windows,
    ...(ipc ? { ipc: true } : {}),
  } as const satisfies Options;
}

type Child = ResultPromise<ReturnType<typeof spawnOptions>>;

/** One run of a service's program, from spawn to the last byte of its output. */
export class Program {
  readonly identity: ProcessIdentity & { readonly pid: number };
  readonly exited: Promise<ProgramEnd>;
  readonly #child: Child;
  readonly #sinks: readonly LogSink[];
  readonly #drained: Promise<unknown>;
  readonly #seen = new Map<number, ProcessIdentity>();

  /** Throws a SpawnFault. Sinks must be open and stay so until `finish` resolves. */
  static async spawn({
    spec,
    env,
    stdout,
    stderr,
  }: {
    spec: HostSpec;
    env: Record<string, string>;
    stdout: LogSink;
    stderr: LogSink;
  }): Promise<Program> {
    const [{ execa }] = await Promise.all([import('execa'), checkFolder(spec.cwd)]);
    let child: Child;
    try {
      child = execa(spec.command.file, spec.command.args, spawnOptions(spec, env));
    } catch (error) {
      throw new SpawnFault(spawnReason(spec, error));
    }
    if (child.pid === undefined) throw new SpawnFault(spawnReason(spec, await child));
    return new Program({ child, pid: child.pid, stdout, stderr });
  }

  private constructor({
    child,
    pid,
    stdout,
    stderr,
  }: {
    child: Child;
    pid: number;
    stdout: LogSink;
    stderr: LogSink;
  }) {
    this.#child = child;
    this.#sinks = [stdout, stderr];
    this.identity = { pid, start: processStart(pid) };
    this.exited = new Promise((resolve) => {
      child.nodeChildProcess.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    });
    const shared = stdout === stderr;
    this.#drained = Promise.all([drain(child.stdout, stdout, shared), drain(child.stderr, stderr, shared)]);
    // Its outcome is read from 'exit'; unread it would count as unhandled should it ever reject.
    child.catch(() => {});
  }

  /** Remembers what runs below the program now: once it has ended, they no longer lead to it. */
  observe(): void {
    for (const [pid, one] of this.#seen) if (!isAlive(one)) this.#seen.delete(pid);
    for (const { pid, start } of descendants(this.identity.pid)) this.#seen.set(pid, { pid, start });
  }

  /** Asks politely, then ends the tree after `timeoutMs`. Resolves to false when the program outlived even that. */
  async stop(timeoutMs: number): Promise<boolean> {
    if (!windows) this.observe();
    if (timeoutMs > 0 && (windows ? this.#sendShutdown() : true)) {
      const steps = windows ? [timeoutMs] : [timeoutMs / 2, timeoutMs / 2];
      for (const [index, ms] of steps.entries()) {
        if (!windows) sendSignal(this.identity.pid, index === 0 ? 'SIGINT' : 'SIGTERM');
        if (await this.#endsWithin(ms)) return true;
      }
    }
    if (!windows) this.observe();
    await killTree({ root: this.identity, seen: this.#seen.values() });
    return await this.#endsWithin(3000);
  }

  /** After the program's end: ends what is left of its tree and takes the rest of its output. */
  async finish({ asked }: { asked: boolean }): Promise<void> {
    if (!windows) {
      const graceMs = asked ? leftoverGraceMs : 0;
      await killTree({ root: this.identity, seen: this.#seen.values(), graceMs });
    }
    let taken = -1;
    while (!(await within(this.#drained, silentPipeMs))) {
      const now = this.#sinks.reduce((sum, sink) => sum + sink.taken, 0);
      if (now === taken) break;
      taken = now;
    }
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  #sendShutdown(): boolean {
    const { nodeChildProcess: child } = this.#child;
    return child.connected && child.send('shutdown');
  }

  #endsWithin(ms: number): Promise<boolean> {
    return within(this.exited, ms);
  }
}

async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(ms, false, { signal: timer.signal }).catch(() => false);
  const result = await Promise.race([promise.then(() => true), late]);
  timer.abort();
  return result;
}

/** Longest piece of a line that is held back, in bytes. */
const mostHeld = 65_536;

/**
 * Reads no further than the sink has written: a slow disk slows the program and fills no memory. With `wholeLines`
 * the begun line waits for its end, so that two streams in one file do not tear each other's lines.
 */
async function drain(source: NodeJS.ReadableStream, sink: LogSink, wholeLines: boolean): Promise<void> {
  let held = Buffer.alloc(0);
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const lines = wholeLines ? bytes.lastIndexOf(10) + 1 : bytes.length;
      const cut = lines === 0 && bytes.length > mostHeld ? bytes.length : lines;
      held = Buffer.from(bytes.subarray(cut));
      if (cut > 0) await sink.write(bytes.subarray(0, cut));
    }
  } catch {
    // The pipe was given up (see finish) or broke: either way there is no more to read.
  }
  if (held.length > 0) await sink.write(held);
}

async function checkFolder(cwd: string): Promise<void> {
  try {
    if ((await stat(cwd)).isDirectory()) return;
  } catch (error) {
    throw new SpawnFault(`The folder ${cwd} cannot be entered (${codeOf(error)}).`);
  }
  throw new SpawnFault(`${cwd} is not a folder.`);
}

function spawnReason(spec: HostSpec, error: unknown): string {
  const { file } = spec.command;
  const code = codeOf((error as { cause?: unknown }).cause ?? error);
  if (code === 'ENOENT') return `The program ${file} was not found.`;
  if (code === 'EACCES' || code === 'EPERM') return `The program ${file} may not be run (${code}).`;
  return `The system refused to run ${file} (${code}).`;
}
