import { randomBytes } from 'node:crypto';
import { link, rename, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { ensureSocketFolder } from './socketPath.ts';

export type Ownership = 'mine' | 'missing' | 'taken';

/** The place on which a host listens, held by at most one host at a time. */
export interface Claim {
  readonly path: string;
  ownership(): Promise<Ownership>;
  /** Takes the place again after something removed the socket file; false when another host was quicker. */
  renew(): Promise<boolean>;
  /** Stops listening and removes the socket, if it is still this host's. Open connections live on. */
  release(): Promise<void>;
}

interface Held {
  readonly server: Server;
  readonly inode: string | null;
}

const windows = process.platform === 'win32';

/** Null when another host listens there. */
export async function claimSocket({
  path,
  onConnection,
}: {
  path: string;
  onConnection: (socket: Socket) => void;
}): Promise<Claim | null> {
  const first = await hold(path, onConnection);
  if (first === null) return null;
  let held = first;
  let released = false;
  let renewing: Promise<boolean> | null = null;
  const ownership = async (): Promise<Ownership> => {
    if (windows) return 'mine';
    const there = await inodeOf(path);
    if (there === null) return 'missing';
    return there === held.inode ? 'mine' : 'taken';
  };
  const removeOwn = async (): Promise<void> => {
    // A pipe goes with its server; a socket file is removed by name, so only after a look at whose it is.
    if (!windows && (await ownership()) === 'mine') await rm(path, { force: true });
    held.server.close();
  };
  const renewNow = async (): Promise<boolean> => {
    const next = await hold(path, onConnection);
    if (next === null) return false;
    held.server.close();
    held = next;
    if (released) await removeOwn();
    return !released;
  };
  return {
    path,
    ownership,
    renew: () => {
      if (released) return Promise.resolve(false);
      // One at a time: a second one would find the first one's socket and take it for another host's.
      renewing ??= renewNow().finally(() => {
        renewing = null;
      });
      return renewing;
    },
    release: async () => {
      released = true;
      await renewing;
      await removeOwn();
    },
  };
}

async function hold(path: string, onConnection: (socket: Socket) => void): Promise<Held | null> {
  const server = createServer({ allowHalfOpen: true }, onConnection);
  server.maxConnections = 64;
  return windows ? await holdPipe(server, path) : await holdSocket(server, path);
}

/** Windows lets one process at a time make the first instance of a pipe's name. */
async function holdPipe(server: Server, path: string): Promise<Held | null> {
  try {
    await listen(server, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' || code === 'EACCES') return null;
    throw error;
  }
  return { server, inode: null };
}

/**
 * Listens under a name of its own and hard-links that to the final one: link fails when the name exists, so of many
 * hosts one wins, and whoever connects finds a socket that already answers.
 */
async function holdSocket(server: Server, path: string): Promise<Held | null> {
  ensureSocketFolder();
  const own = join(dirname(path), `.${randomBytes(8).toString('hex')}.sock`);
  await listen(server, own);
  try {
    const inode = await inodeOf(own);
    for (let attempt = 0; attempt < 50; attempt += 1) {
      if (await linked(own, path)) return { server, inode };
      const stale = await inodeOf(path);
      if (await answers(path)) break;
      if (stale !== null) await removeStale(path, stale);
    }
  } finally {
    await rm(own, { force: true });
  }
  server.close();
  return null;
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Moves the dead socket away before deleting it: if another host has put its own there meanwhile, what was moved is
 * not the dead one and goes back. (Should even that fail, its host sees the loss and ends: see host.ts.)
 */
async function removeStale(path: string, stale: string): Promise<void> {
  const aside = join(dirname(path), `.${randomBytes(8).toString('hex')}.old`);
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await inodeOf(aside)) !== stale) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

async function inodeOf(path: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Only a refusal or a missing file says that nobody listens; a full queue is somebody. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}
