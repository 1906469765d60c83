import { dirname } from 'node:path';
import { OrchestratorError } from '../../core/contract/errors.ts';
import type { HostSpec } from '../../core/contract/hostProtocol.ts';
import { programEnvironment } from './environment.ts';
import { codeOf, LogSink } from './logSink.ts';
import { isAlive } from './procfs.ts';
import { Program, type ProgramEnd, SpawnFault } from './program.ts';
import { restartPause } from './restartPause.ts';
import type { RunFile } from './runFile.ts';

interface Running {
  readonly program: Program;
  readonly startedAt: number;
  /** Resolves when the program, its leftovers and its output are gone. */
  readonly over: Promise<void>;
  /** A stop was asked for, so its end is no surprise. */
  asked: boolean;
}

/** One service's program under its host: verbs are carried out one after another, in the order they came. */
export class Service {
  readonly #run: RunFile;
  readonly #inherited: Readonly<Record<string, string | undefined>>;
  readonly #mayStart: () => Promise<boolean>;
  readonly #onTrouble: (message: string) => void;
  #spec: HostSpec;
  #queue: Promise<unknown> = Promise.resolve();
  #running: Running | null = null;
  #sinks: LogSink[] = [];
  #restartTimer: NodeJS.Timeout | null = null;
  #pauseMs: number | null = null;

  constructor({
    spec,
    run,
    inherited,
    mayStart,
    onTrouble,
  }: {
    spec: HostSpec;
    run: RunFile;
    inherited: Readonly<Record<string, string | undefined>>;
    /** Asked right before each spawn: false when this host has lost its place. */
    mayStart: () => Promise<boolean>;
    onTrouble: (message: string) => void;
  }) {
    this.#spec = spec;
    this.#run = run;
    this.#inherited = inherited;
    this.#mayStart = mayStart;
    this.#onTrouble = onTrouble;
  }

  get spec(): HostSpec {
    return this.#spec;
  }

  /** Spawns the program unless it runs. Throws ORC2004 or ORC2009. */
  start(spec?: HostSpec): Promise<void> {
    return this.#enqueue(async () => {
      if (spec !== undefined) this.#spec = spec;
      this.#cancelRestart();
      this.#pauseMs = null;
      await this.#start();
    });
  }

  /** Ends the program and all below it. Throws ORC2007 when it cannot be ended. */
  stop(timeoutMs: number): Promise<void> {
    this.#cancelRestart();
    return this.#enqueue(async () => {
      this.#cancelRestart();
      const running = this.#running;
      if (running !== null) await this.#stop(running, timeoutMs);
      else this.#run.set({ state: 'Stopped', error: null });
      await this.#run.flush();
    });
  }

  /** Looks at what runs below the program, so that it can be ended with it. Cheap enough for every few seconds. */
  observe(): void {
    if (this.#running !== null && process.platform !== 'win32') this.#running.program.observe();
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    const result = this.#queue.then(task);
    this.#queue = result.catch(() => {});
    return result;
  }

  async #start(): Promise<void> {
    const running = this.#running;
    // Asked of the system too: a killed program may not have been reported yet.
    if (running !== null && isAlive(running.program.identity)) {
      if (!running.asked) return;
      throw this.#stopFault(running);
    }
    await running?.over;
    try {
      await this.#spawn();
    } catch (error) {
      await this.#closeSinks();
      this.#run.set({ state: 'Failed', endedAt: new Date().toISOString(), error: reasonOf(error) });
      throw error;
    } finally {
      await this.#run.flush();
    }
  }

  async #spawn(): Promise<void> {
    const fault = (detail: string) => new OrchestratorError('ORC2004', { service: this.#spec.id, detail });
    if (!(await this.#mayStart())) throw fault('Another host has taken this service over.');
    const [stdout, stderr] = await this.#openSinks();
    const env = programEnvironment({ inherited: this.#inherited, own: this.#spec.env });
    let program: Program;
    try {
      program = await Program.spawn({ spec: this.#spec, env, stdout, stderr });
    } catch (error) {
      throw error instanceof SpawnFault ? fault(error.message) : error;
    }
    const over = program.exited.then((end) => this.#ended(end));
    this.#running = { program, startedAt: Date.now(), over, asked: false };
    this.#run.set({
      state: 'Running',
      processId: program.identity.pid,
      processStart: program.identity.start,
      startedAt: new Date().toISOString(),
      endedAt: null,
      exitCode: null,
      signal: null,
      launches: this.#run.state.launches + 1,
      error: null,
    });
  }

  async #stop(running: Running, timeoutMs: number): Promise<void> {
    running.asked = true;
    if (this.#run.state.processId !== null) {
      this.#run.set({ state: 'Stopping' });
      if (!(await running.program.stop(timeoutMs))) throw this.#stopFault(running);
    }
    await running.over;
    this.#run.set({ state: 'Stopped' });
  }

  #stopFault({ program: { identity } }: Running): OrchestratorError {
    const detail = `Process ${identity.pid} did not end, not even when it was killed.`;
    const error = new OrchestratorError('ORC2007', {
      service: this.#spec.id,
      detail,
      processId: identity.pid,
    });
    this.#run.set({ error: detail });
    return error;
  }

  /** Tells the world first: whoever watches the file waits for this. */
  async #ended({ exitCode, signal }: ProgramEnd): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    this.#run.set({
      state: running.asked ? 'Stopped' : 'Exited',
      processId: null,
      processStart: null,
      endedAt: new Date().toISOString(),
      exitCode,
      signal,
    });
    if (!running.asked && this.#spec.restart) this.#scheduleRestart(Date.now() - running.startedAt);
    try {
      await running.program.finish({ asked: running.asked });
      await this.#closeSinks();
    } catch (error) {
      this.#onTrouble(`tidying up failed: ${String(error)}`);
    }
    if (this.#running === running) this.#running = null;
  }

  #scheduleRestart(ranMs: number): void {
    this.#pauseMs = restartPause({ previousMs: this.#pauseMs, ranMs });
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = null;
      void this.#enqueue(async () => {
        await this.#start().catch((error) => {
          this.#onTrouble(reasonOf(error));
          this.#scheduleRestart(0);
        });
      });
    }, this.#pauseMs);
  }

  #cancelRestart(): void {
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer);
    this.#restartTimer = null;
  }

  async #openSinks(): Promise<[LogSink, LogSink]> {
    const { stdout, stderr, rotateBytes, keepBytes, keepDays } = this.#spec;
    const open = async (file: string): Promise<LogSink> => {
      const sink = new LogSink({
        file,
        rotateBytes,
        keepBytes,
        keepDays,
        onTrouble: (m) => this.#logTrouble(m),
      });
      try {
        await sink.open();
      } catch (error) {
        const detail = `${file}: the system says ${codeOf(error)}.`;
        throw new OrchestratorError('ORC2009', { path: dirname(file), detail }, error);
      }
      this.#sinks.push(sink);
      return sink;
    };
    // Both into one file: one writer, else each would rotate under the other.
    const first = open(stdout);
    const opening = [first, stdout === stderr ? first : open(stderr)] as const;
    await Promise.allSettled(opening);
    return await Promise.all(opening);
  }

  #logTrouble(message: string): void {
    const dropped = this.#sinks.reduce((sum, sink) => sum + sink.dropped, 0);
    this.#run.set({ error: dropped > 0 ? `${message}; ${dropped} bytes of output were dropped` : message });
    this.#onTrouble(message);
  }

  async #closeSinks(): Promise<void> {
    const sinks = this.#sinks;
    await Promise.all(sinks.map((sink) => sink.close()));
    const dropped = sinks.reduce((sum, sink) => sum + sink.dropped, 0);
    if (dropped > 0) this.#run.set({ error: `${dropped} bytes of output were dropped` });
    this.#sinks = [];
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof OrchestratorError)
    return String(new Map(Object.entries(error.data)).get('detail') ?? error.message);
  return error instanceof Error ? error.message : String(error);
}
