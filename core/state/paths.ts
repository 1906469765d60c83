import { join } from 'node:path';

/** Where each state file lies below the manifest's `paths.data`. */
export interface StatePaths {
  readonly manifest: string;
  readonly desired: string;
  readonly guardian: string;
  readonly history: string;
  readonly runDir: string;
  readonly incidentDir: string;
  readonly lockDir: string;
  run(id: string): string;
  incident(id: string): string;
}

export function statePaths(dataDir: string): StatePaths {
  return {
    manifest: join(dataDir, 'orchestrator.json'),
    desired: join(dataDir, 'desired.json'),
    guardian: join(dataDir, 'guardian.json'),
    history: join(dataDir, 'history.db'),
    runDir: join(dataDir, 'run'),
    incidentDir: join(dataDir, 'incidents'),
    lockDir: join(dataDir, 'locks'),
    run: (id) => join(dataDir, 'run', `${id}.json`),
    incident: (id) => join(dataDir, 'incidents', `${id}.json`),
  };
}
