import { readdir, readFile, readlink } from 'node:fs/promises';
import { allPids, type ProcessRow, readProcess } from '../host/procfs.ts';
import type { PortOwner } from '../policy/types.ts';
import { listenersFor, readListeners } from './listeners.ts';

/** Is it the service's own process that would answer at this address? */
export interface OwnerQuestion {
  /** Of the address that is asked, as a host name or an IP address. */
  readonly host: string;
  readonly port: number;
  /** The program's process; null when none runs. */
  readonly processId: number | null;
  readonly hostProcessId: number | null;
}

export interface PortOwners {
  /** Reads the kernel's tables once for all questions. Answers in their order. Never rejects. */
  ask(questions: readonly OwnerQuestion[]): Promise<PortOwner[]>;
}

const unknown: PortOwner = { kind: 'unknown' };

/** Says nothing, which is never held against a service: for systems where the kernel cannot be asked cheaply. */
export const noPortOwners: PortOwners = { ask: async (questions) => questions.map(() => unknown) };

/** Asks Linux. What was found for a socket is kept as long as the socket and the process are the same. */
export function createLinuxPortOwners(): PortOwners {
  let known = new Map<string, PortOwner>();
  return {
    async ask(questions) {
      const listeners = questions.length === 0 ? [] : await readListeners();
      const next = new Map<string, PortOwner>();
      const sockets = remembered(socketsOf);
      const holders = once(() => socketHolders(sockets));
      for (const question of questions) {
        const inodes = listenersFor(listeners, question.host, question.port).map(({ inode }) => inode);
        const key = keyOf(question, inodes);
        next.set(key, known.get(key) ?? (await judge(question, inodes, sockets, holders)));
      }
      // Another user's process may become visible, and a stranger's name may change: only what is ours is kept.
      known = new Map([...next].filter(([, { kind }]) => kind === 'ours'));
      return questions.map((question) => {
        const inodes = listenersFor(listeners, question.host, question.port).map(({ inode }) => inode);
        return next.get(keyOf(question, inodes)) ?? unknown;
      });
    },
  };
}

function keyOf({ host, port, processId, hostProcessId }: OwnerQuestion, inodes: readonly string[]): string {
  return [host, port, processId, hostProcessId, ...inodes].join(' ');
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}

/** Of several services in one process, its sockets are read once. */
function remembered<K, V>(make: (key: K) => Promise<V>): (key: K) => Promise<V> {
  const made = new Map<K, Promise<V>>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

type SocketsOf = (pid: number) => Promise<ReadonlySet<string>>;

async function judge(
  question: OwnerQuestion,
  inodes: readonly string[],
  sockets: SocketsOf,
  holders: () => Promise<ReadonlyMap<string, number>>,
): Promise<PortOwner> {
  if (inodes.length === 0) return unknown;
  const own = question.processId === null ? null : await sockets(question.processId);
  if (inodes.some((inode) => own?.has(inode))) return { kind: 'ours' };
  const pidOf = await holders();
  const rows = inodes.map((inode) => readProcess(pidOf.get(inode) ?? 0));
  if (rows.some((row) => row !== null && isOurs(row, question))) return { kind: 'ours' };
  const [first] = rows;
  // Another user's process hides its sockets, and one may have ended since.
  if (!first || rows.includes(null)) return unknown;
  return { kind: 'stranger', label: await labelOf(first.pid), port: question.port };
}

/** In the tree below the program or its host, or left behind by the program in its process group. */
function isOurs(row: ProcessRow, { processId, hostProcessId }: OwnerQuestion): boolean {
  const group = processId === null ? undefined : readProcess(processId)?.group;
  if (group === row.group && group !== readProcess(process.pid)?.group) return true;
  let at: ProcessRow | null = row;
  for (let depth = 0; at !== null && depth < 64; depth++) {
    if (at.pid === processId || at.pid === hostProcessId) return true;
    at = at.parent > 1 ? readProcess(at.parent) : null;
  }
  return false;
}

async function labelOf(pid: number): Promise<string> {
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  return `${name.trim() || 'a program'} (pid ${pid})`;
}

async function socketHolders(sockets: SocketsOf): Promise<ReadonlyMap<string, number>> {
  const holders = new Map<string, number>();
  for (const pid of allPids()) {
    for (const inode of await sockets(pid)) if (!holders.has(inode)) holders.set(inode, pid);
  }
  return holders;
}

async function socketsOf(pid: number): Promise<ReadonlySet<string>> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => [] as string[]);
  const links = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}
