import { OrchestratorError } from '../../core/contract/errors.ts';
import type { HostSpec } from '../../core/contract/hostProtocol.ts';
import { programEnvironment } from './environment.ts';
import { Outputs } from './outputs.ts';
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
  readonly #outputs = new Outputs({ onTrouble: (message) => this.#logTrouble(message) });
  #spec: HostSpec;
  #queue: Promise<unknown> = Promise.resolve();
  #running: Running | null = null;
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

  /** Every few seconds: looks at what runs below the program, so that it can be ended with it, and at the logs. */
  observe(): void {
    this.#outputs.mend();
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
      await this.#closeOutputs();
      this.#run.set({ state: 'Failed', endedAt: new Date().toISOString(), error: reasonOf(error) });
      throw error;
    } finally {
      await this.#run.flush();
    }
  }

  async #spawn(): Promise<void> {
    const fault = (detail: string) => new OrchestratorError('ORC2004', { service: this.#spec.id, detail });
    if (!(await this.#mayStart())) throw fault('Another host has taken this service over.');
    const outputs = await this.#outputs.open(this.#spec);
    const env = programEnvironment({ inherited: this.#inherited, own: this.#spec.env });
    let program: Program;
    try {
      program = await Program.spawn({ spec: this.#spec, env, ...outputs });
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
      error: this.#outputs.fault,
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
      await this.#closeOutputs();
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

  #logTrouble(message: string): void {
    this.#run.set({ error: this.#outputs.fault });
    this.#onTrouble(message);
  }

  async #closeOutputs(): Promise<void> {
    const fault = await this.#outputs.close();
    if (fault !== null) this.#run.set({ error: fault });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { detail }: { detail?: string | number } = error instanceof OrchestratorError ? error.data : {};
  return String(detail ?? error.message);
}
