import type { ServiceStatus } from '../contract/cmdlets.ts';
import type { Service } from '../contract/manifest.ts';
import type { GuardianService, RunState } from '../contract/state.ts';
import type { StateRead } from '../state/files.ts';
import type { IsAlive } from './alive.ts';
import type { Sentence } from './sentences.ts';

/** The service as which this very program runs: it needs no file to know that it lives. */
export interface Self {
  readonly id: string;
  readonly processId: number;
  /** ISO 8601 UTC. */
  readonly startedAt: string;
}

export interface Observed {
  readonly state: ServiceStatus['state'];
  readonly processId: number | null;
  readonly since: string | null;
  readonly exitCode: number | null;
  /** Why it does not run, where that is known. */
  readonly ended: Sentence | null;
  readonly warning: Sentence | null;
}

const nothing: Observed = {
  state: 'Stopped',
  processId: null,
  since: null,
  exitCode: null,
  ended: null,
  warning: null,
};

/** What is there, from the host's file and the processes themselves. Only for services that are not external. */
export function observedState({
  service,
  run,
  view,
  self,
  isAlive,
  hosted,
}: {
  service: Service;
  run: StateRead<RunState>;
  /** The guardian's view, when it is alive. */
  view: GuardianService | null;
  self: Self | null;
  isAlive: IsAlive;
  /** True for the Embedded backend, where a missing run file means that it never ran. */
  hosted: boolean;
}): Observed {
  if (run.value) {
    const fromRun = observedRun(run.value, isAlive);
    if (self?.id !== service.id || fromRun.processId === self.processId) return fromRun;
  }
  if (self?.id === service.id) {
    return { ...nothing, state: 'Running', processId: self.processId, since: self.startedAt };
  }
  if (run.warning === null && hosted) return nothing;
  if (view === null) return { ...nothing, state: 'Unknown' };
  if (view.processId === null) return nothing;
  return isAlive(view.processId, null)
    ? { ...nothing, state: 'Running', processId: view.processId }
    : { ...nothing, ended: { key: 'gone', data: { processId: view.processId } } };
}

function observedRun(run: RunState, isAlive: IsAlive): Observed {
  const { hostProcessId } = run;
  const hostAlive = hostProcessId !== null && isAlive(hostProcessId, run.hostStart);
  if (run.processId === null) {
    if (run.state === 'Starting' && hostAlive) return { ...nothing, state: 'Starting', since: run.updatedAt };
    return { ...nothing, since: run.endedAt, exitCode: run.exitCode, ended: ending(run) };
  }
  if (!isAlive(run.processId, run.processStart)) {
    const settled = run.state === 'Exited' || run.state === 'Stopped' || run.state === 'Failed';
    const gone: Sentence = { key: 'gone', data: { processId: run.processId } };
    return {
      ...nothing,
      since: run.endedAt,
      exitCode: settled ? run.exitCode : null,
      ended: settled ? ending(run) : gone,
    };
  }
  return {
    state: run.state === 'Stopping' ? 'Stopping' : run.state === 'Starting' ? 'Starting' : 'Running',
    processId: run.processId,
    since: run.startedAt,
    exitCode: null,
    ended: null,
    warning: hostAlive ? null : { key: 'orphan', data: { hostProcessId: hostProcessId ?? '' } },
  };
}

function ending(run: RunState): Sentence | null {
  if (run.state === 'Failed' || run.error !== null) {
    return { key: 'failed', data: { error: run.error ?? '' } };
  }
  if (run.signal !== null) return { key: 'killed', data: { signal: run.signal } };
  if (run.exitCode !== null) return { key: 'exited', data: { exitCode: run.exitCode } };
  return null;
}
