import type { ServiceStatus } from '../contract/cmdlets.ts';
import type { Language } from '../contract/errors.ts';
import type { Manifest, Service } from '../contract/manifest.ts';
import type { GuardianService, Heartbeat } from '../contract/state.ts';
import { serviceAddress } from '../manifest/address.ts';
import type { IsAlive } from './alive.ts';
import { judge, type Pulse, type Verdict } from './health.ts';
import type { Observation } from './observation.ts';
import { type Observed, observedState, type Self } from './observedState.ts';
import { overallOf } from './overall.ts';
import type { SystemStatus } from './picture.ts';
import { type Sentence, speak } from './sentences.ts';

export interface ComposeOptions {
  readonly manifest: Manifest;
  readonly observation: Observation;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly isAlive: IsAlive;
  readonly self?: Self | null;
  readonly language?: Language;
}

/** Puts the picture together: pure but for `isAlive`, never throws. */
export function composeStatus({
  manifest,
  observation,
  now,
  isAlive,
  self = null,
  language = 'en',
}: ComposeOptions): SystemStatus {
  const heartbeat = observation.guardian.value;
  const pulse = readPulse({ manifest, heartbeat, now, isAlive });
  const services = manifest.services.map((service) =>
    composeService({ service, manifest, observation, pulse, now, isAlive, self, language }),
  );
  const picture = {
    services,
    guardian: {
      alive: pulse.alive,
      ageMs: heartbeat ? Math.max(0, now - Date.parse(heartbeat.at)) : null,
      at: pulse.at,
      processId: pulse.processId,
    },
    disks: heartbeat?.disks ?? [],
    memory: heartbeat?.memory ?? null,
    incidents: [...observation.incidents].slice(0, 20),
    warnings: [observation.desired.warning, observation.guardian.warning].flatMap((text) => text ?? []),
  };
  return { at: new Date(now).toISOString(), overall: overallOf(picture), ...picture };
}

/** The age from which on a heartbeat counts as dead, in milliseconds. */
export function heartbeatLimit(manifest: Manifest): number {
  const health = manifest.services.find((service) => service.health.kind === 'heartbeat')?.health;
  return Math.max(3 * manifest.intervals.healthCheck, health?.kind === 'heartbeat' ? health.maxAgeMs : 0);
}

function readPulse({
  manifest,
  heartbeat,
  now,
  isAlive,
}: {
  manifest: Manifest;
  heartbeat: Heartbeat | null;
  now: number;
  isAlive: IsAlive;
}): Pulse {
  if (!heartbeat) return { alive: false, processId: null, at: null };
  // A heartbeat from far in the future is as little worth as an old one: the clock was set back.
  const fresh = Math.abs(now - Date.parse(heartbeat.at)) <= heartbeatLimit(manifest);
  return {
    alive: fresh && isAlive(heartbeat.processId, null),
    processId: heartbeat.processId,
    at: heartbeat.at,
  };
}

interface ServiceInput {
  readonly service: Service;
  readonly manifest: Manifest;
  readonly observation: Observation;
  readonly pulse: Pulse;
  readonly now: number;
  readonly isAlive: IsAlive;
  readonly self: Self | null;
  readonly language: Language;
}

function composeService(input: ServiceInput): ServiceStatus {
  const { service, observation, pulse, self, language } = input;
  const told = own(observation.desired.value?.services, service.id);
  const unread = observation.desired.warning !== null;
  const latest = own(observation.guardian.value?.services, service.id);
  const run = observation.runs.get(service.id) ?? { value: null, warning: null };
  const { observed, missing } = look(input, pulse.alive ? latest : null);
  const current = latest && isAbout(latest, told, observed, unread) ? latest : null;
  const view = pulse.alive ? current : null;
  const desired = told ?? (unread ? guessDesired(view, observed) : null);
  const isSelf = self?.id === service.id;
  const { health, reason } = verdictOf({ ...input, desired, observed, view, missing, unread, isSelf });
  const say = (text: Sentence | string) => (typeof text === 'string' ? text : speak(text, language));
  return {
    id: service.id,
    serviceName: service.serviceName,
    displayName: service.displayName,
    mode: service.mode,
    desired: wantedState(service, desired, observed),
    state: observed.state,
    health,
    reason: say(reason),
    processId: observed.processId,
    since: observed.since,
    exitCode: observed.exitCode,
    address: serviceAddress(service),
    attempts: current?.attempts ?? 0,
    maxAttempts: current?.maxAttempts ?? service.restart.maxAttempts,
    guardianState: view?.state ?? null,
    nextAction: view?.nextAction ?? null,
    nextActionAt: view?.nextActionAt ?? null,
    latencyMs: view?.latencyMs ?? null,
    drift: null,
    warnings: [run.warning, observed.warning && speak(observed.warning, language)].flatMap(
      (text) => text ?? [],
    ),
  };
}

/** What is there, and the first required file that is not. */
function look(
  input: ServiceInput,
  view: GuardianService | null,
): { observed: Observed; missing: string | null } {
  const { service, manifest, observation } = input;
  if (service.mode === 'external') return { observed: { ...absent, state: 'External' }, missing: null };
  const run = observation.runs.get(service.id) ?? { value: null, warning: null };
  const observed = observedState({ ...input, run, view, hosted: manifest.backend === 'Embedded' });
  const missing = observation.missing.get(service.id)?.[0] ?? null;
  // A program that runs all the same is told as running.
  if (missing === null || observed.processId !== null) return { observed, missing: null };
  return { observed: { ...absent, state: 'Skipped' }, missing };
}

function verdictOf(input: ServiceInput & VerdictInput): Verdict {
  const { service, view, missing } = input;
  if (service.mode === 'external') {
    return view
      ? { health: view.state, reason: view.reason }
      : { health: 'unknown', reason: { key: 'elsewhere' } };
  }
  if (missing !== null) return { health: 'skipped', reason: { key: 'skipped', data: { file: missing } } };
  return judge(input);
}

interface VerdictInput {
  readonly desired: { readonly state: 'running' | 'stopped' } | null;
  readonly observed: Observed;
  readonly view: GuardianService | null;
  readonly missing: string | null;
  readonly unread: boolean;
  readonly isSelf: boolean;
}

/** What was never asked for or against counts as wanted when it is there. */
function wantedState(
  service: Service,
  desired: { readonly state: 'running' | 'stopped' } | null,
  observed: Observed,
): ServiceStatus['desired'] {
  if (service.mode === 'external') return 'running';
  return desired?.state ?? (observed.processId === null ? 'stopped' : 'running');
}

/**
 * Whether the guardian's view is of what is wanted now, and of the program that runs now. While what is wanted cannot
 * be read, the guardian goes by what it has read before, and so does the picture.
 */
function isAbout(
  view: GuardianService,
  told: { readonly generation: number } | null,
  { processId }: Observed,
  unread: boolean,
): boolean {
  if (!unread && told && view.generation !== told.generation) return false;
  return processId === null || view.processId === null || view.processId === processId;
}

/** What should be while desired.json cannot be read: what the guardian goes by, else what is there. */
function guessDesired(
  view: GuardianService | null,
  { processId }: Observed,
): { state: 'running' | 'stopped' } {
  const running = view ? view.state !== 'stopped' : processId !== null;
  return { state: running ? 'running' : 'stopped' };
}

const absent = { processId: null, since: null, exitCode: null, ended: null, warning: null };

function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | null {
  return record && Object.hasOwn(record, key) ? (record[key] ?? null) : null;
}
