import type { Incident } from '../../core/contract/state.ts';
import type { Fault } from '../policy/types.ts';

/** What the operator can do next, in one or two sentences. */
export function adviceFor({
  id,
  kind,
  outcome,
  restart,
}: {
  id: string;
  kind: Fault['kind'];
  outcome: Incident['outcome'];
  /** Who restarts the service. */
  restart: 'guardian' | 'host' | 'never' | 'external';
}): string {
  if (outcome === 'recovered') return 'Nothing needs to be done. If it happens again, read the evidence.';
  if (outcome === 'stopped') return `It was stopped on request. Start it with: Start-Orchestrator ${id}`;
  const look = lookFirst(id, kind);
  if (restart === 'external')
    return 'It runs elsewhere and is not started from here. Look after it where it runs.';
  if (restart === 'never') return `${look} It is not restarted by itself: Start-Orchestrator ${id}`;
  if (outcome === 'exhausted') return `${look} Then start it again: Start-Orchestrator ${id}`;
  return `${look} It is being restarted by itself.`;
}

function lookFirst(id: string, kind: Fault['kind']): string {
  switch (kind) {
    case 'stranger':
      return 'End the program that holds the port, or give the service another port in the manifest.';
    case 'silent':
    case 'answers':
      return `See with Get-OrchestratorLog ${id} -Tail 50 what it was doing.`;
    case 'failed':
      return 'See with Test-Orchestrator whether its command, folder and files in the manifest are right.';
    case 'orphan':
      return 'Something ended the process that looks after it; its output since then is lost.';
    case 'down':
      return 'See who ended it.';
    case 'exited':
      return `Read the evidence, or more of it with Get-OrchestratorLog ${id} -Tail 50.`;
  }
}
