import { uptime } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostLog } from './hostLog.ts';
import { isAlive, type ProcessIdentity, readProcess } from './procfs.ts';
import { readFormerRun } from './runFile.ts';
import { groupMembers, killTree, sendSignal } from './tree.ts';

/** Time an orphan gets between SIGTERM and SIGKILL: its output already goes nowhere. */
const orphanGraceMs = 2000;

/**
 * Ends what an earlier host of this service left behind, so that two programs never run at once: a host that lives
 * but lost its socket, then the program of a host that died. Only a process whose start time is known to be the one
 * in the file is touched: a pid alone may be a stranger's by now.
 */
export async function settlePredecessor({
  file,
  patienceMs,
  log,
}: {
  file: string;
  /** How long a living predecessor may take to stop its program and end. */
  patienceMs: number;
  log: HostLog;
}): Promise<void> {
  const former = await readFormerRun(file);
  if (former === null) return;
  if (former.host.pid !== process.pid && verified(former.host)) {
    log(`host ${former.host.pid} has lost its socket: it is told to end`);
    await endHost(former.host, patienceMs);
  }
  // The predecessor may have written once more before it ended.
  const last = (await readFormerRun(file)) ?? former;
  if (last.program !== null && (verified(last.program) || leftGroup(last.program, last.startedAt))) {
    log(`program ${last.program.pid} of an ended host, or what it started, still runs: all is ended`);
    await killTree({ root: last.program, graceMs: orphanGraceMs });
  }
}

/** The program is gone but its group is not. Groups keep their number from being used again, until a reboot. */
function leftGroup(program: ProcessIdentity, startedAt: number | null): boolean {
  if (startedAt === null || startedAt < Date.now() - uptime() * 1000) return false;
  const leader = readProcess(program.pid);
  if (leader !== null && leader.start !== program.start) return false;
  return program.start !== null && groupMembers(program.pid).length > 0;
}

function verified(process: ProcessIdentity): boolean {
  return process.start !== null && isAlive(process);
}

async function endHost(host: ProcessIdentity, patienceMs: number): Promise<void> {
  sendSignal(host.pid, 'SIGTERM');
  const deadline = Date.now() + patienceMs;
  while (isAlive(host) && Date.now() < deadline) await sleep(20);
  if (!isAlive(host)) return;
  sendSignal(host.pid, 'SIGKILL');
  const end = Date.now() + 2000;
  while (isAlive(host) && Date.now() < end) await sleep(5);
}
