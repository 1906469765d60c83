import { existsSync, mkdirSync } from 'node:fs';
import { OrchestratorError } from '../../core/contract/errors.ts';
import type { HostRequest, HostSpec } from '../../core/contract/hostProtocol.ts';
import type { RunState } from '../../core/contract/state.ts';
import { statePaths } from '../../core/state/paths.ts';
import { type Claim, claimSocket } from './claim.ts';
import type { HostLog } from './hostLog.ts';
import { settlePredecessor } from './predecessor.ts';
import { processStart } from './procfs.ts';
import { type Answer, failure, serveConnection } from './requests.ts';
import { RunFile } from './runFile.ts';
import { Service } from './service.ts';
import { hostSocketPath } from './socketPath.ts';

export interface Host {
  /** Stops the program, gives the place up and resolves; nothing of the host is left but its process. */
  end(reason: string): Promise<void>;
}

export interface HostOptions {
  readonly spec: HostSpec;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: HostLog;
  /** Called once when the host is through; the process should exit. */
  readonly onEnd: () => void;
  readonly watchMs?: number;
}

/**
 * Why two programs never run at once. A host starts one only on a request over the final socket, and before it
 * answers the first it has: taken the socket (1), read the run file and ended whomever that names (2), written its
 * own pid there (3), and looked whether the socket is still its own (4). If another host takes the socket before (4),
 * this one sees it and ends. If after, the other finds this one's pid at its own (2) and waits for its end.
 *
 * A socket file that merely vanished (a cleaner of temporary files) is taken again rather than a healthy program be
 * stopped; when another host was quicker, this one stops its program first and then ends.
 */
export async function startHost(options: HostOptions): Promise<Host | null> {
  const { spec } = options;
  mkdirSync(spec.dataDir, { recursive: true });
  const path = hostSocketPath({ dataDir: spec.dataDir, id: spec.id });
  const waiting: ((service: HostControl) => void)[] = [];
  let control: HostControl | null = null;
  const whenReady = (): Promise<HostControl> =>
    control === null ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(control);
  const claim = await claimSocket({
    path,
    onConnection: (socket) =>
      serveConnection({
        socket,
        answer: async (request) => (await whenReady()).answer(request),
        currentRun: () => control?.run.state ?? null,
      }),
  });
  if (claim === null) return null;
  const file = statePaths(spec.dataDir).run(spec.id);
  await settlePredecessor({ file, patienceMs: spec.stopTimeoutMs + 3000, log: options.log });
  const run = new RunFile({
    dataDir: spec.dataDir,
    state: firstState(spec.id, path),
    onTrouble: options.log,
  });
  run.set({});
  await run.flush();
  if (!run.begun) {
    // Nobody could find this host.
    await claim.release();
    throw new Error(`${file} cannot be written`);
  }
  const ready = new HostControl(options, claim, run);
  control = ready;
  await ready.watch();
  // Loaded while the first request is on its way: they take longer than all the rest of the start.
  void Promise.all([import('execa'), import('rotating-file-stream')]);
  for (const resolve of waiting) resolve(ready);
  return ready;
}

function firstState(id: string, socket: string): RunState {
  return {
    version: 1,
    id,
    state: 'Stopped',
    hostProcessId: process.pid,
    hostStart: processStart(process.pid),
    socket,
    processId: null,
    processStart: null,
    startedAt: null,
    endedAt: null,
    exitCode: null,
    signal: null,
    launches: 0,
    error: null,
    updatedAt: new Date().toISOString(),
  };
}

class HostControl implements Host {
  readonly run: RunFile;
  readonly #claim: Claim;
  readonly #options: HostOptions;
  readonly #service: Service;
  readonly #timer: NodeJS.Timeout;
  #ending: Promise<void> | null = null;

  constructor(options: HostOptions, claim: Claim, run: RunFile) {
    this.#options = options;
    this.#claim = claim;
    this.run = run;
    this.#service = new Service({
      spec: options.spec,
      run,
      inherited: options.environment,
      mayStart: () => this.#holdsPlace(),
      onTrouble: options.log,
    });
    this.#timer = setInterval(() => void this.watch(), options.watchMs ?? 2000);
  }

  /** What is looked at every two seconds: data folder, socket, run file, the program's tree. */
  async watch(): Promise<void> {
    if (this.#ending !== null) return;
    if (!existsSync(this.#options.spec.dataDir)) return await this.end('the data folder is gone');
    if (!(await this.#holdsPlace())) return await this.end('another host has taken the socket');
    this.#service.observe();
    await this.run.mend();
  }

  async answer(request: HostRequest): Promise<Answer> {
    try {
      return await this.#carryOut(request);
    } catch (error) {
      return { response: failure(error, this.run.state) };
    }
  }

  end(reason: string): Promise<void> {
    this.#ending ??= this.#end(reason);
    return this.#ending;
  }

  async #carryOut(request: HostRequest): Promise<Answer> {
    if (request.verb === 'start') {
      this.#checkSpec(request.spec);
      await this.#service.start(request.spec);
    }
    if (request.verb === 'stop') {
      await this.#service.stop(request.timeoutMs);
      if (request.release) {
        // The place is free before the answer says so: a host launched next must not find this one still there.
        clearInterval(this.#timer);
        await this.#claim.release();
        return { response: this.#success(), afterwards: () => void this.end('released') };
      }
    }
    return { response: this.#success() };
  }

  #success() {
    return { ok: true, run: this.run.state, error: null };
  }

  #checkSpec(spec: HostSpec | undefined): void {
    const { id } = this.#options.spec;
    if (this.#ending !== null) {
      throw new OrchestratorError('ORC2004', { service: id, detail: 'Its host is ending.' });
    }
    if (spec !== undefined && hostSocketPath(spec) !== this.#claim.path) {
      throw new OrchestratorError('ORC4005', { detail: `this host serves ${id} only` });
    }
  }

  async #holdsPlace(): Promise<boolean> {
    if (this.#ending !== null) return false;
    const ownership = await this.#claim.ownership();
    return ownership === 'missing' ? await this.#claim.renew() : ownership === 'mine';
  }

  async #end(reason: string): Promise<void> {
    clearInterval(this.#timer);
    if (reason !== 'released') this.#options.log(`the host ends: ${reason}`);
    // First the place: a host launched from now on waits for this process's end instead of giving up.
    await this.#claim.release();
    try {
      await this.#service.stop(this.#service.spec.stopTimeoutMs);
    } catch (error) {
      this.#options.log(String(error));
    }
    await this.run.flush();
    this.#options.onEnd();
  }
}
