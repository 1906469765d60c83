import { readFileSync } from 'node:fs';

/** Whether the process with this pid lives; `start` (see runSchema) tells a reused pid from the one that is meant. */
export type IsAlive = (processId: number, start: string | null) => boolean;

/** Field 22 of /proc/<pid>/stat; null where there is no such file. */
export function processStart(processId: number): string | null {
  try {
    const text = readFileSync(`/proc/${processId}/stat`, 'latin1');
    // The second field is the program's name in brackets and may hold blanks and brackets itself.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not noticed.
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

export const isProcessAlive: IsAlive = (processId, start) => {
  if (process.platform === 'linux') {
    const now = processStart(processId);
    return now !== null && (start === null || start === now);
  }
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
