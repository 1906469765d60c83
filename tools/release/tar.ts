const block = 512;

const text = (bytes: Buffer) => bytes.toString('utf8').replace(/\0.*$/s, '');

/** The content of one file of a tar archive, as npm packs it: plain headers, short names. Null when it is not there. */
export function fileFromTar(archive: Buffer, path: string): Buffer | null {
  for (let at = 0; at + block <= archive.length; ) {
    const name = text(archive.subarray(at, at + 100));
    if (name === '') return null;
    const size = Number.parseInt(text(archive.subarray(at + 124, at + 136)), 8);
    const content = at + block;
    if (name === path) return archive.subarray(content, content + size);
    at = content + Math.ceil(size / block) * block;
  }
  return null;
}
