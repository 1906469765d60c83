import type { FileHandle } from 'node:fs/promises';

const chunkBytes = 262_144;

/**
 * Bytes of a file from `start` to `end` in which every secret is covered with asterisks, byte for byte, so that parts of
 * it fit together however they are asked for. Throws when the file has become shorter.
 */
export async function* coverSecrets({
  handle,
  start,
  end,
  size,
  secrets,
}: {
  handle: FileHandle;
  start: number;
  end: number;
  /** Of the file. */
  size: number;
  secrets: readonly string[];
}): AsyncGenerator<Buffer> {
  const covers = secrets.flatMap(coversOf);
  // A secret may begin before a chunk, or end behind it.
  const margin = Math.max(0, ...covers.map(({ secret }) => secret.length - 1));
  for (let at = start; at < end; at += chunkBytes) {
    const until = Math.min(end, at + chunkBytes);
    const from = Math.max(0, at - margin);
    const bytes = await readAll(handle, from, Math.min(size, until + margin));
    for (const { secret, cover } of covers) {
      for (let found = bytes.indexOf(secret); found !== -1; found = bytes.indexOf(secret, found + 1)) {
        cover.copy(bytes, found);
      }
    }
    yield bytes.subarray(at - from, until - from);
  }
}

/** A secret as it stands in files of UTF-8 and of UTF-16. */
function coversOf(text: string): { secret: Buffer; cover: Buffer }[] {
  const plain = Buffer.from(text);
  const wide = Buffer.from(text, 'utf16le');
  const stars = Buffer.from('*'.repeat(text.length), 'utf16le');
  return [
    { secret: plain, cover: Buffer.alloc(plain.length, '*') },
    { secret: wide, cover: stars },
    { secret: Buffer.from(wide).swap16(), cover: Buffer.from(stars).swap16() },
  ];
}

async function readAll(handle: FileHandle, from: number, until: number): Promise<Buffer> {
  const bytes = Buffer.alloc(until - from);
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, from + done);
    if (bytesRead === 0) throw new Error('the file has become shorter');
    done += bytesRead;
  }
  return bytes;
}
