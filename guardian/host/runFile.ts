import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { RunState } from '../../core/contract/state.ts';
import { writeState } from '../../core/state/files.ts';
import { statePaths } from '../../core/state/paths.ts';
import type { ProcessIdentity } from './procfs.ts';

/** What the next host needs of the file of the one before. */
export interface FormerRun {
  readonly host: ProcessIdentity;
  readonly program: ProcessIdentity | null;
  /** Milliseconds since 1970; null when the program never ran. */
  readonly startedAt: number | null;
}

/**
 * Keeps `run/<id>.json` equal to `state`: each change is written at once, one write at a time; changes that come
 * during a write share the next one.
 */
export class RunFile {
  readonly #dataDir: string;
  readonly #file: string;
  readonly #onTrouble: (message: string) => void;
  #state: RunState;
  #writing: Promise<void> = Promise.resolve();
  #busy = false;
  #dirty = false;
  #failed = false;
  #begun = false;

  constructor({
    dataDir,
    state,
    onTrouble,
  }: {
    dataDir: string;
    state: RunState;
    onTrouble: (message: string) => void;
  }) {
    this.#dataDir = dataDir;
    this.#file = statePaths(dataDir).run(state.id);
    this.#state = state;
    this.#onTrouble = onTrouble;
  }

  /** False until a first write has succeeded. */
  get begun(): boolean {
    return this.#begun;
  }

  get state(): RunState {
    return this.#state;
  }

  /** Changes the state now and the file within milliseconds. */
  set(change: Partial<RunState>): void {
    this.#state = { ...this.#state, ...change, updatedAt: new Date().toISOString() };
    this.#dirty = true;
    if (this.#busy) return;
    this.#busy = true;
    this.#writing = this.#writeAll();
  }

  /** Resolves when the file holds what `state` holds, or cannot. */
  async flush(): Promise<void> {
    while (this.#busy) await this.#writing;
  }

  /** Writes again what is not there any more or names another host. */
  async mend(): Promise<void> {
    const there = await readFormerRun(this.#file);
    if (this.#failed || there?.host.pid !== this.#state.hostProcessId) this.set({});
  }

  async #writeAll(): Promise<void> {
    while (this.#dirty) {
      this.#dirty = false;
      // The folder going away is the sign to end; writing would make it anew.
      if (this.#begun && !existsSync(this.#dataDir)) break;
      try {
        await writeState(this.#file, this.#state);
        this.#begun = true;
        this.#failed = false;
      } catch (error) {
        this.#failed = true;
        this.#onTrouble(`the run state cannot be written: ${String(error)}`);
      }
    }
    this.#busy = false;
  }
}

/** Reads just the identities, by hand: see wire.ts. Null when there is nothing usable. */
export async function readFormerRun(file: string): Promise<FormerRun | null> {
  let run: { [Key in keyof RunState]?: unknown } | null;
  try {
    run = JSON.parse(await readFile(file, 'utf8')) as typeof run;
  } catch {
    return null;
  }
  const host = identity(run?.hostProcessId, run?.hostStart);
  if (host === null) return null;
  const startedAt = run?.startedAt;
  return {
    host,
    program: identity(run?.processId, run?.processStart),
    startedAt: typeof startedAt === 'string' ? Date.parse(startedAt) || null : null,
  };
}

function identity(pid: unknown, start: unknown): ProcessIdentity | null {
  if (!Number.isSafeInteger(pid) || (pid as number) < 1) return null;
  return { pid: pid as number, start: typeof start === 'string' ? start : null };
}
