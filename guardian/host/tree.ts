import { execFile, execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemProgram } from '../../core/systemProgram.ts';
import {
  allPids,
  childPids,
  isAlive,
  isDead,
  isMarkedDetached,
  type ProcessIdentity,
  type ProcessRow,
  readProcess,
} from './procfs.ts';

const linux = process.platform === 'linux';

/**
 * What runs below `pid`, parents before children, without `pid` itself. Hosts that a service's program launched (the
 * guardian starts the others) are not below it, even in the moment before their launcher has ended.
 */
export function descendants(pid: number): ProcessRow[] {
  if (!linux) return descendantsFromTable(pid, processTable());
  const found: ProcessRow[] = [];
  const open = [pid];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    for (const child of childPids(next)) {
      const row = readProcess(child);
      if (row === null || isDead(row) || isMarkedDetached(child)) continue;
      found.push(row);
      open.push(child);
    }
  }
  return found;
}

/** Living members of a process group. */
export function groupMembers(group: number): ProcessRow[] {
  if (process.platform === 'win32') return [];
  try {
    process.kill(-group, 0);
  } catch (error) {
    // Most groups are empty once their leader has ended; this spares the walk over all processes.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return [];
  }
  const rows = linux ? allPids().map(readProcess) : processTable();
  return rows.filter(
    (row): row is ProcessRow => row !== null && row.group === group && !isDead(row) && !marked(row),
  );
}

function marked(row: ProcessRow): boolean {
  return linux && isMarkedDetached(row.pid);
}

function descendantsFromTable(pid: number, table: readonly ProcessRow[]): ProcessRow[] {
  const found: ProcessRow[] = [];
  const open = [pid];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    for (const row of table) {
      if (row.parent !== next || isDead(row)) continue;
      found.push(row);
      open.push(row.pid);
    }
  }
  return found;
}

/** For systems that are neither Linux nor Windows. */
function processTable(): ProcessRow[] {
  if (process.platform === 'win32') return [];
  const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat='], {
    encoding: 'utf8',
    timeout: 2000,
  });
  return text.split('\n').flatMap((line) => {
    const [pid, parent, group, state] = line.trim().split(/\s+/);
    if (pid === undefined || state === undefined) return [];
    return [
      { pid: Number(pid), parent: Number(parent), group: Number(group), state: state.charAt(0), start: null },
    ];
  });
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended first.
  }
}

/** Everything of a program's tree that lives: the program, what is below it, its group, and what was seen before. */
function living(root: ProcessIdentity, seen: Iterable<ProcessIdentity>): ProcessIdentity[] {
  const rows = new Map<number, ProcessIdentity>();
  if (isAlive(root)) {
    rows.set(root.pid, root);
    for (const row of descendants(root.pid)) rows.set(row.pid, row);
  }
  for (const row of groupMembers(root.pid)) rows.set(row.pid, row);
  for (const one of seen) {
    if (one.start === null || !isAlive(one) || isMarkedDetached(one.pid)) continue;
    rows.set(one.pid, one);
    for (const row of descendants(one.pid)) rows.set(row.pid, row);
  }
  rows.delete(process.pid);
  return [...rows.values()];
}

/**
 * Ends a tree and waits until it is gone. With `graceMs` its members get SIGTERM and that long first.
 * Resolves to false when something still lives after two seconds of SIGKILL.
 */
export async function killTree({
  root,
  seen = [],
  graceMs = 0,
}: {
  root: ProcessIdentity;
  seen?: Iterable<ProcessIdentity>;
  graceMs?: number;
}): Promise<boolean> {
  if (process.platform === 'win32') return await killTreeOnWindows(root.pid);
  const known = [...seen];
  let left = living(root, known);
  if (left.length === 0) return true;
  if (graceMs > 0) {
    for (const { pid } of left) sendSignal(pid, 'SIGTERM');
    const deadline = Date.now() + graceMs;
    while (left.some(isAlive) && Date.now() < deadline) await sleep(10);
    known.push(...left);
  }
  const deadline = Date.now() + 2000;
  for (;;) {
    left = living(root, known);
    if (left.length === 0) return true;
    if (Date.now() > deadline) return false;
    // Leaves first, and again until nothing is found: a parent may have forked meanwhile.
    for (const { pid } of left.toReversed()) sendSignal(pid, 'SIGKILL');
    known.push(...left);
    await sleep(5);
  }
}

function killTreeOnWindows(pid: number): Promise<boolean> {
  return new Promise((resolve) => {
    const taskkill = systemProgram('taskkill.exe');
    execFile(taskkill, ['/T', '/F', '/PID', String(pid)], { windowsHide: true, timeout: 5000 }, (error) => {
      // It is missing, refused or was too slow: the program itself at least must go.
      if (error !== null) sendSignal(pid, 'SIGKILL');
      resolve(true);
    });
  });
}
