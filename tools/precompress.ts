import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const packable = /\.(css|html|js|json|svg|txt|webmanifest)$/;
/** Below this a packed file saves less than the header that announces it. */
const leastBytes = 512;

/** Puts a .br and a .gz beside each text file of the client, where that is smaller: the panel packs nothing itself. */
export async function precompress(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile() || !packable.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const content = await readFile(file);
    if (content.byteLength < leastBytes) continue;
    const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    const packed = [
      ['.br', await promisify(brotliCompress)(content, { params: quality })],
      ['.gz', await promisify(gzip)(content, { level: 9 })],
    ] as const;
    for (const [suffix, bytes] of packed) {
      if (bytes.byteLength < content.byteLength) await writeFile(file + suffix, bytes);
    }
  }
}
