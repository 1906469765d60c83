import type { Manifest } from '../core/contract/manifest.ts';
import { type Heartbeat, heartbeatSchema } from '../core/contract/state.ts';
import { readState, writeState } from '../core/state/files.ts';
import type { StatePaths } from '../core/state/paths.ts';
import type { Actor } from './actor.ts';
import type { Clock } from './clock.ts';
import { createHealthCheck, type HealthCheck, type HealthProbes } from './healthCheck.ts';
import { createHeartbeatFile, type HeartbeatFile, heartbeatOwner } from './heartbeat.ts';
import type { HostWatch } from './hostWatch.ts';
import { createIncidentBook, type IncidentBook } from './incident/book.ts';
import { createInquest } from './inquest.ts';
import type { ManagerWatch } from './managerWatch.ts';
import { dueAt } from './policy/decide.ts';
import { isHealthy } from './policy/probeVerdict.ts';
import { publish } from './policy/stateOf.ts';
import type { ProbeResult } from './policy/types.ts';
import { pruneLogs } from './pruneLogs.ts';
import type { Recorder } from './recorder.ts';
import { gigabytes, type Log, summary } from './report.ts';
import { createRounds, type Rounds } from './rounds.ts';
import type { Sights } from './sights.ts';
import { createStepper, type Step } from './stepper.ts';
import { type Watched, watch } from './watched.ts';
import type { Wishes } from './wishes.ts';

export interface GuardianParts {
  readonly manifest: Manifest;
  readonly paths: StatePaths;
  readonly clock: Clock;
  readonly log: Log;
  readonly actor: Actor;
  /** Null where the run files are written by who sees the programs end. */
  readonly manager: ManagerWatch | null;
  readonly sights: Sights;
  readonly wishes: Wishes;
  readonly probes: HealthProbes;
  readonly host: HostWatch;
  readonly recorder: Recorder;
  readonly exists: (path: string) => Promise<boolean>;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly processId: number;
  readonly version: string;
  /** Another guardian keeps the heartbeat now: this one has stopped and must end. */
  readonly onUsurped: (processId: number) => void;
}

const tickMs = 500;
const beatMs = 5000;

const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** The guardian's rounds: they look, have `decide` decide, and see to it that it is done, told and kept. */
export class Guardian {
  readonly #parts: GuardianParts;
  readonly #startedAt: string;
  readonly #ending = new AbortController();
  readonly #byId = new Map<string, Watched>();
  readonly #book: IncidentBook;
  readonly #file: HeartbeatFile;
  readonly #health: HealthCheck;
  readonly #rounds: Rounds;
  readonly #step: Step;
  #cycle = 0;

  #prunedAt = Number.NEGATIVE_INFINITY;
  #begun = false;

  constructor(parts: GuardianParts) {
    this.#parts = parts;
    const { clock, log, paths, recorder, probes, sights } = parts;
    const { signal } = this.#ending;
    this.#startedAt = new Date(clock.now()).toISOString();
    this.#book = createIncidentBook({
      paths,
      onChange: (incident) => recorder.write((history) => history.putIncident(incident)),
      onTrouble: (detail) => log.warn({ detail }, detail),
    });
    this.#file = createHeartbeatFile({
      write: () => this.#writeHeartbeat(),
      now: () => clock.now(),
      onTrouble: (error) => log.error({ detail: String(error) }, 'guardian.json could not be written'),
    });
    this.#health = createHealthCheck({ probes, sights, signal });
    this.#rounds = createRounds({
      clock,
      onTrouble: (error) => log.error({ detail: String(error) }, 'a round of the guardian failed'),
    });
    const inquest = createInquest({ clock, owners: probes.owners, sights, book: this.#book });
    const save = () => this.#file.save();
    this.#step = createStepper({ ...parts, book: this.#book, inquest, byId: this.#byId, save, signal });
  }

  /** Takes on what a former guardian left, looks at everything once and begins the rounds. */
  async start(): Promise<void> {
    const { manifest, log, version } = this.#parts;
    await this.#takeOver();
    const ids = [...this.#byId.keys()];
    log.info({ version, services: ids }, `guardian ${version} watches ${ids.join(', ')}`);
    await this.#serviceWatch();
    await this.#file.save();
    const { healthCheck, serviceWatch, diskCheck } = manifest.intervals;
    this.#rounds.every(tickMs, () => this.#tick());
    this.#rounds.every(healthCheck, () => this.#healthCycle());
    this.#rounds.every(serviceWatch, () => this.#serviceWatch());
    this.#rounds.every(diskCheck, () => this.#diskCheck());
    await this.#diskCheck();
    await this.#healthCycle();
  }

  /** Ends the rounds. What is under way is not waited for, and the heartbeat is left to go stale. */
  stop(): void {
    this.#ending.abort();
    this.#rounds.stop();
  }

  /** To be called when desired.json may have changed. */
  async desiredChanged(): Promise<void> {
    if (await this.#parts.wishes.reread()) this.#stepAll();
  }

  /** To be called when a service's run file may have changed. */
  async runChanged(id: string): Promise<void> {
    // A wish that explains what happened is written before it: it must be known first.
    await this.desiredChanged();
    await this.#reread([id]);
  }

  async #reread(ids: Iterable<string>): Promise<void> {
    await Promise.all(
      [...ids].map(async (id) => {
        const watched = this.#byId.get(id);
        if (watched && (await this.#parts.sights.reread(id))) this.#step(watched);
      }),
    );
  }

  /** Has the service manager asked, and looks at what came of it. */
  async #askManager(): Promise<void> {
    const { manager, sights } = this.#parts;
    if (!(await manager?.ask(sights.unexplained)) || this.#ending.signal.aborted) return;
    await this.desiredChanged();
    await this.#reread(this.#byId.keys());
  }

  async #takeOver(): Promise<void> {
    const { manifest, paths, clock, log, recorder } = this.#parts;
    const { value: former, warning } = await readState(paths.guardian, heartbeatSchema);
    if (warning) log.warn({ detail: warning }, warning);
    for (const service of manifest.services) {
      this.#byId.set(service.id, watch({ service, former, now: () => clock.now() }));
    }
    await this.#book.load([...this.#byId.values()].flatMap(({ state }) => state.incidentId ?? []));
    if (!recorder.needsIncidents) return;
    const all = await this.#book.all();
    recorder.write((history) => history.rebuildIncidents(all));
  }

  #stepAll(): void {
    for (const watched of this.#byId.values()) this.#step(watched);
  }

  /** The cheap look, twice a second: deaths, what is due, what is under way. */
  async #tick(): Promise<void> {
    const { sights, clock } = this.#parts;

    for (const id of sights.poll()) this.#stepId(id);
    const under = [...this.#byId.values()].filter(({ state, acting }) => acting || state.hold !== null);
    await this.desiredChanged();
    await this.#reread(under.map(({ service }) => service.id));
    const now = clock.now();
    for (const watched of this.#byId.values()) if (this.#isRipe(watched, now)) this.#step(watched);
    void this.#probeEagerly(now);
    void this.#askManager();
    if (now - this.#file.savedAt >= beatMs || now < this.#file.savedAt) await this.#file.save();
  }

  #stepId(id: string): void {
    const watched = this.#byId.get(id);
    if (watched) this.#step(watched);
  }

  /** Worth another decision without anything new: its time has come, or what it waited for may be well again. */
  #isRipe({ service, policy, state }: Watched, now: number): boolean {
    const gone = this.#parts.sights.of(service.id)?.kind === 'gone';
    const due = dueAt(state, policy);
    if (due !== null && due <= now) return gone || state.hold !== null;
    return gone && (state.state === 'suspect' || state.state === 'starting' || state.state === 'healthy');
  }

  /** Where the next answer decides: a fresh process, or one that is to be restarted again if it still hangs. */
  async #probeEagerly(now: number): Promise<void> {
    const list = [...this.#byId.values()].filter(({ service, state, policy, acting }) => {
      if (this.#parts.sights.of(service.id)?.kind !== 'running') return false;
      const due = dueAt(state, policy);
      return state.state === 'starting' || (!acting && state.hold === null && due !== null && due <= now);
    });
    if (list.length > 0) await this.#probe(list);
  }

  async #probe(list: readonly Watched[]): Promise<void> {
    await this.#health.check(list, (watched, probe: ProbeResult | null) => {
      watched.verdict = probe && isHealthy(probe);
      this.#step(watched, { probe });
    });
  }

  async #healthCycle(): Promise<void> {
    const { host, log, sights } = this.#parts;
    this.#cycle += 1;
    const all = [...this.#byId.values()].filter(({ service }) => service.health.kind !== 'heartbeat');
    const asked = all.filter(({ service, state, policy }) => {
      const kind = sights.of(service.id)?.kind ?? 'running';
      return (
        policy.external || (kind === 'running' && state.state !== 'stopped' && state.state !== 'skipped')
      );
    });
    for (const watched of all) watched.verdict = null;
    await Promise.all([this.#probe(asked), host.measureMemory()]);
    if (this.#ending.signal.aborted) return;
    this.#record(all);
    const states = [...this.#byId.values()].map(({ state }) => state.state);
    const memoryPercent = host.memory?.usedPercent ?? null;
    log.info(
      { cycle: this.#cycle },
      summary({ cycle: this.#cycle, states, disks: host.disks, memoryPercent }),
    );
    await this.#file.save();
  }

  #record(all: readonly Watched[]): void {
    const { recorder, clock, sights } = this.#parts;
    const samples = all.map(({ service, state, verdict }) => {
      const dead = sights.of(service.id)?.kind === 'gone';
      return {
        service: service.id,
        state: state.state,
        healthy: dead ? false : verdict,
        latencyMs: state.latencyMs,
      };
    });
    recorder.write((history) => history.addSamples(clock.now(), samples));
  }

  /** Reads everything again that is otherwise followed by its changes, in case one was missed. */
  async #serviceWatch(): Promise<void> {
    const { sights, wishes, exists } = this.#parts;
    await wishes.reread();
    await Promise.all(
      [...this.#byId.values()].map(async (watched) => {
        const { id, requires } = watched.service;
        const there = await Promise.all(requires.map(exists));
        watched.missing = requires.find((_, index) => !there[index]) ?? null;
        await sights.reread(id);
      }),
    );
    this.#stepAll();
  }

  async #diskCheck(): Promise<void> {
    const { manifest, host, recorder, clock, log } = this.#parts;
    await host.measureDisks();
    const { disks, memory } = host;
    recorder.write((history) => history.addHostSample(clock.now(), { disks, memory }));
    const pruned = await pruneLogs({ services: manifest.services, now: clock.now() });
    if (pruned.files > 0) {
      log.info(pruned, `removed ${pruned.files} old log files, ${gigabytes(pruned.bytes)} GB`);
    }
    await this.#forgetOld();
  }

  async #forgetOld(): Promise<void> {
    const { manifest, recorder, clock } = this.#parts;
    const now = clock.now();
    if (now - this.#prunedAt < hourMs) return;
    this.#prunedAt = now;
    const { samplesDays, incidentsDays } = manifest.retention;
    const incidentsBefore = now - incidentsDays * dayMs;
    recorder.write((history) => history.prune({ samplesBefore: now - samplesDays * dayMs, incidentsBefore }));
    await this.#book.forget(incidentsBefore);
  }

  async #writeHeartbeat(): Promise<void> {
    const { paths, processId, onUsurped } = this.#parts;
    if (this.#ending.signal.aborted) return;
    if (this.#begun) {
      const owner = await heartbeatOwner(paths.guardian);
      if (owner && owner.processId !== processId) {
        this.stop();
        return onUsurped(owner.processId);
      }
    }
    await writeState(paths.guardian, this.heartbeat);
    this.#begun = true;
  }

  get heartbeat(): Heartbeat {
    const { clock, host, processId } = this.#parts;
    const views = [...this.#byId].map(([id, { state, policy }]) => [id, publish(state, policy)] as const);
    return {
      version: 1,
      processId,
      startedAt: this.#startedAt,
      at: new Date(clock.now()).toISOString(),
      cycle: this.#cycle,
      services: Object.fromEntries(views),
      disks: [...host.disks],
      memory: host.memory,
      incidents: [...this.#book.recent],
    };
  }
}
