import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { systemProgram } from '../systemProgram.ts';

const run = promisify(execFile);

/** Ends a process and everything below it by force. Never throws; a process that is gone is fine. */
export async function killTree(
  pid: number,
  { pwsh, platform = process.platform }: { pwsh: string; platform?: NodeJS.Platform },
): Promise<void> {
  // A signal to 0 or below goes to whole groups of processes, this one among them.
  if (!Number.isInteger(pid) || pid <= 0) return;
  if (platform === 'win32') return killOnWindows(pid, pwsh);
  const childrenOf = platform === 'linux' ? childrenFromProc : await childrenFromPs();
  for (const victim of freeze(pid, childrenOf)) signal(victim, 'SIGKILL');
}

/** Resident memory in bytes; null where the system does not tell it cheaply. */
export function residentBytes(pid: number): number | null {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}

/** The tree, leaves first. Each process is stopped before its children are read, so none can slip away. */
function freeze(pid: number, childrenOf: (pid: number) => number[]): number[] {
  signal(pid, 'SIGSTOP');
  return [...childrenOf(pid).flatMap((child) => freeze(child, childrenOf)), pid];
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended in the meantime.
  }
}

/** All tasks: .NET forks from worker threads, and a child is listed under the thread that made it. */
function childrenFromProc(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      numbers(readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1')),
    );
  } catch {
    return [];
  }
}

async function childrenFromPs(): Promise<(pid: number) => number[]> {
  const table = new Map<number, number[]>();
  try {
    const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid='], { timeout: 5000 });
    for (const line of stdout.split('\n')) {
      const [pid, parent] = numbers(line);
      if (pid !== undefined && parent !== undefined) table.set(parent, [...(table.get(parent) ?? []), pid]);
    }
  } catch {
    // Without a table only the process itself can be ended.
  }
  return (pid) => table.get(pid) ?? [];
}

function numbers(text: string): number[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(Number);
}

/** taskkill first; where it is missing or fails, .NET takes the tree; at the very least the process itself. */
async function killOnWindows(pid: number, pwsh: string): Promise<void> {
  const options = { windowsHide: true, timeout: 10_000 };
  try {
    await run(systemProgram('taskkill.exe'), ['/PID', String(pid), '/T', '/F'], options);
  } catch {
    const command = `[Diagnostics.Process]::GetProcessById(${pid}).Kill($true)`;
    await run(pwsh, ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', command], options).catch(
      () => {},
    );
  }
  signal(pid, 'SIGKILL');
}
