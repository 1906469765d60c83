import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { detectEncoding, type Encoding, headBytes } from './encoding.ts';

/**
 * A log file that is read. Node opens files on Windows so that their writer may rename and delete them meanwhile
 * (FILE_SHARE_DELETE).
 */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly id: string;
  /** See `fileNumber`. */
  readonly number: string;
}

interface FileNumber {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** What tells a file from every other one as long as it is open. */
export function fileNumber({ dev, ino }: FileNumber): string {
  return `${dev} ${ino}`;
}

/**
 * What tells a file from every other of its log, also later: it stays when the file is renamed. Systems give the number of a deleted
 * file to a new one, so the time of its making belongs to it, except on Windows, which gives a new file of an old name
 * the old one's time, but numbers files only once.
 */
export function fileId(stats: FileNumber & { readonly birthtimeNs: bigint }): string {
  const made = process.platform === 'win32' ? 0n : stats.birthtimeNs;
  return createHash('sha1')
    .update(`${fileNumber(stats)} ${made}`)
    .digest('base64url')
    .slice(0, 10);
}

/** Null when there is no file; the system's error when it may not be read. */
export async function openFile(path: string): Promise<OpenFile | null> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
  try {
    const stats = await handle.stat({ bigint: true });
    if (stats.isFile()) return { handle, id: fileId(stats), number: fileNumber(stats) };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return null;
}

export function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The encoding of a file by its first bytes; `otherwise` while there are too few. */
export async function encodingOf(handle: FileHandle, otherwise: Encoding): Promise<Encoding> {
  const head = Buffer.alloc(headBytes);
  const { bytesRead } = await handle.read(head, 0, headBytes, 0);
  return detectEncoding(head.subarray(0, bytesRead)) ?? otherwise;
}
