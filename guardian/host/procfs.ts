import { readdirSync, readFileSync } from 'node:fs';

/** A process of this run of the machine: the pid alone may come back as somebody else. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat; null where the system has no /proc. */
  readonly start: string | null;
}

export interface ProcessRow extends ProcessIdentity {
  readonly parent: number;
  readonly group: number;
  /** One letter as in /proc/<pid>/stat; Z and X are dead. */
  readonly state: string;
}

/** Variable that launch.ts puts into what it detaches; whoever carries it belongs to no service's tree. */
export const detachedMark = 'ORCHESTRATOR_DETACHED';

const hasProc = process.platform === 'linux';

/** The fields of a /proc/<pid>/stat line. The program's name may hold spaces and brackets, so the last `)` counts. */
export function parseStat(pid: number, text: string): ProcessRow | null {
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .trimEnd()
    .split(' ');
  const [state, parent, group] = fields;
  const start = fields[19];
  if (state === undefined || start === undefined) return null;
  return { pid, state, parent: Number(parent), group: Number(group), start };
}

/** Null when there is no such process, or no /proc. */
export function readProcess(pid: number): ProcessRow | null {
  if (!hasProc) return null;
  try {
    return parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}

export function processStart(pid: number): string | null {
  return readProcess(pid)?.start ?? null;
}

export function isDead(row: ProcessRow): boolean {
  return row.state === 'Z' || row.state === 'X';
}

/** A zombie counts as dead: a container's first process may never fetch it. */
export function isAlive({ pid, start }: ProcessIdentity): boolean {
  if (hasProc) {
    const row = readProcess(pid);
    return row !== null && !isDead(row) && (start === null || row.start === start);
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Direct children of all threads: programs fork from worker threads too. */
export function childPids(pid: number): number[] {
  const found: number[] = [];
  let tasks: string[] = [];
  try {
    tasks = readdirSync(`/proc/${pid}/task`);
  } catch {
    return found;
  }
  for (const task of tasks) {
    try {
      const text = readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1');
      for (const part of text.split(' ')) if (part !== '') found.push(Number(part));
    } catch {
      // The thread ended between the two reads.
    }
  }
  return found;
}

export function allPids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0);
}

export function isMarkedDetached(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/environ`, 'latin1');
    return `\0${text}`.includes(`\0${detachedMark}=`);
  } catch {
    return false;
  }
}
