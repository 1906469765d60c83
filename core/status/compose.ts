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
  const { service, manifest, observation, pulse, language } = input;
  const desired = own(observation.desired.value?.services, service.id);
  const latest = own(observation.guardian.value?.services, service.id);
  const current = latest && latest.generation === (desired?.generation ?? 0) ? latest : null;
  const view = pulse.alive ? current : null;
  const run = observation.runs.get(service.id) ?? { value: null, warning: null };
  const external = service.mode === 'external';
  const missing = observation.missing.get(service.id)?.[0];
  const observed: Observed = external
    ? { ...absent, state: 'External' }
    : missing !== undefined
      ? { ...absent, state: 'Skipped' }
      : observedState({
          ...input,
          run,
          view: pulse.alive ? latest : null,
          hosted: manifest.backend === 'Embedded',
        });
  const verdict = external
    ? judgeExternal(view, pulse.alive ? latest : null)
    : missing !== undefined
      ? { health: 'skipped' as const, reason: { key: 'skipped', data: { file: missing } } as Sentence }
      : judge({ ...input, desired, observed, view });
  const say = (text: Sentence | string) => (typeof text === 'string' ? text : speak(text, language));
  return {
    id: service.id,
    serviceName: service.serviceName,
    displayName: service.displayName,
    mode: service.mode,
    desired: external ? 'running' : (desired?.state ?? 'stopped'),
    state: observed.state,
    health: verdict.health,
    reason: say(verdict.reason),
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
    warnings: [run.warning, observed.warning && speak(observed.warning, language)].flatMap(
      (text) => text ?? [],
    ),
  };
}

const absent = { processId: null, since: null, exitCode: null, ended: null, warning: null };

function judgeExternal(view: GuardianService | null, latest: GuardianService | null): Verdict {
  // Nobody starts or stops an external service, so its view cannot belong to an older request.
  const seen = view ?? latest;
  return seen
    ? { health: seen.state, reason: seen.reason }
    : { health: 'unknown', reason: { key: 'elsewhere' } };
}

function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | null {
  return record && Object.hasOwn(record, key) ? (record[key] ?? null) : null;
}
