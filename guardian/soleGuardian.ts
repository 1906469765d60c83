import { readFile } from 'node:fs/promises';
import { heartbeatOwner } from './heartbeat.ts';
import type { IsAlive } from './probe/process.ts';

/**
 * The process of another guardian that is at work on the same data, by its heartbeat; null when there is none. A fresh
 * heartbeat alone says little: its process may have been killed a second ago, and its id given to another program.
 */
export async function otherGuardian({
  file,
  ownProcessId,
  maxAgeMs,
  now,
  isAlive,
  commandOf = linuxCommand,
}: {
  /** guardian.json */
  file: string;
  ownProcessId: number;
  maxAgeMs: number;
  now: number;
  isAlive: IsAlive;
  /** The arguments of a process; null where they cannot be known. */
  commandOf?: (processId: number) => Promise<string[] | null>;
}): Promise<number | null> {
  const owner = await heartbeatOwner(file);
  if (owner === null || owner.processId === ownProcessId) return null;
  if (Math.abs(now - owner.at) > maxAgeMs || !isAlive({ pid: owner.processId, start: null })) return null;
  const command = await commandOf(owner.processId);
  const other = command === null || command.some((part) => /guardian[\\/]main\.[jt]s$/.test(part));
  return other ? owner.processId : null;
}

async function linuxCommand(processId: number): Promise<string[] | null> {
  try {
    return (await readFile(`/proc/${processId}/cmdline`, 'utf8')).split('\0');
  } catch {
    return null;
  }
}
