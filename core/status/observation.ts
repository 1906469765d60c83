import { access } from 'node:fs/promises';
import type { Manifest } from '../contract/manifest.ts';
import {
  type Desired,
  desiredSchema,
  type Heartbeat,
  heartbeatSchema,
  type Incident,
  incidentSchema,
  type RunState,
  runSchema,
} from '../contract/state.ts';
import { readState, type StateRead } from '../state/files.ts';
import type { StatePaths } from '../state/paths.ts';
import { newestFiles } from './newest.ts';

/** What the state files say at one moment. Unreadable ones are null and have a warning. */
export interface Observation {
  readonly desired: StateRead<Desired>;
  readonly guardian: StateRead<Heartbeat>;
  readonly runs: ReadonlyMap<string, StateRead<RunState>>;
  /** Files that a service requires and that are not there. */
  readonly missing: ReadonlyMap<string, readonly string[]>;
  /** Read from incidents/ only when the heartbeat cannot tell them. */
  readonly incidents: readonly Incident[];
}

const shownIncidents = 20;

/** Reads everything the picture is made of. Never throws. */
export async function observe({
  manifest,
  paths,
}: {
  manifest: Manifest;
  paths: StatePaths;
}): Promise<Observation> {
  const supervised = manifest.services.filter((service) => service.mode !== 'external');
  const [desired, guardian, runs, missing] = await Promise.all([
    readState(paths.desired, desiredSchema),
    readState(paths.guardian, heartbeatSchema),
    Promise.all(supervised.map(async ({ id }) => [id, await readState(paths.run(id), runSchema)] as const)),
    Promise.all(supervised.map(async ({ id, requires }) => [id, await absent(requires)] as const)),
  ]);
  return {
    desired,
    guardian,
    runs: new Map(runs),
    missing: new Map(missing),
    incidents: guardian.value ? guardian.value.incidents : await readIncidents(paths.incidentDir),
  };
}

async function absent(files: readonly string[]): Promise<string[]> {
  const there = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return files.filter((_, index) => !there[index]);
}

async function readIncidents(folder: string): Promise<Incident[]> {
  const files = await newestFiles({ folder, extension: '.json', count: shownIncidents });
  const read = await Promise.all(files.map((file) => readState(file, incidentSchema)));
  return read
    .flatMap(({ value }) => (value ? [value] : []))
    .sort((a, b) => b.openedAt.localeCompare(a.openedAt));
}
