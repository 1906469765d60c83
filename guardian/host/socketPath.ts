import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Where the host of one service listens: one place per data folder and id, short however long that folder's path is
 * (a Unix socket's path may have 104 bytes). `/tmp` is taken before TMPDIR: two shells may differ in the variable and
 * must still find the same host.
 */
export function hostSocketPath({
  dataDir,
  id,
  platform = process.platform,
}: {
  dataDir: string;
  id: string;
  platform?: NodeJS.Platform;
}): string {
  const hash = createHash('sha256')
    .update(`${canonical(dataDir, platform)}\0${id}`)
    .digest('hex')
    .slice(0, 24);
  if (platform === 'win32') return `\\\\.\\pipe\\orchestrator-${hash}`;
  return join(socketFolder(), `${hash}.sock`);
}

export function socketFolder(): string {
  return join(existsSync('/tmp') ? '/tmp' : tmpdir(), `orchestrator-${userInfo().uid}`);
}

function canonical(dataDir: string, platform: NodeJS.Platform): string {
  let path = resolve(dataDir);
  try {
    path = realpathSync.native(path);
  } catch {
    // Not there yet; the host makes it before it asks.
  }
  return platform === 'win32' ? path.toLowerCase() : path;
}

/** Makes the sockets' folder, for this user alone. Throws when somebody else made it first. */
export function ensureSocketFolder(): void {
  const folder = socketFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const facts = lstatSync(folder);
  if (!facts.isDirectory() || facts.uid !== userInfo().uid || (facts.mode & 0o077) !== 0) {
    throw new Error(`${folder} is not a folder of this user alone`);
  }
}
