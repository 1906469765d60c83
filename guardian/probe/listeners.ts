import { readFile } from 'node:fs/promises';

/** A TCP socket of this machine that takes connections. */
export interface Listener {
  /** `127.0.0.1`, `0.0.0.0`, `::1`, `::`, or another in the kernel's own writing. */
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** The kernel's two tables of listening sockets. An unreadable one counts as empty. Linux only. */
export async function readListeners(): Promise<Listener[]> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'latin1').catch(() => '')),
  );
  return tables.flatMap(parseListeners);
}

export function parseListeners(table: string): Listener[] {
  return table.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    if (local === undefined || state !== '0A' || inode === undefined) return [];
    const [address = '', port = ''] = local.split(':');
    return [{ address: readAddress(address), port: Number.parseInt(port, 16), inode }];
  });
}

/** The kernel writes each 32 bits as the machine has them, which is the wrong way round here. */
function readAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return dotted(bytes);
  const text = bytes.join('').toLowerCase();
  if (/^0{32}$/.test(text)) return '::';
  if (/^0{31}1$/.test(text)) return '::1';
  return text.startsWith('00000000000000000000ffff') ? dotted(bytes.slice(12)) : text;
}

function dotted(bytes: readonly string[]): string {
  return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
}

/**
 * Which of the sockets take a connection to this address: those bound to exactly it, else those bound to all. An
 * address that is not one of loopback is not compared, since its name may stand for any.
 */
export function listenersFor(listeners: readonly Listener[], host: string, port: number): Listener[] {
  const here = listeners.filter((one) => one.port === port);
  const address = host === 'localhost' ? '127.0.0.1' : host.replace(/^\[(.*)\]$/, '$1');
  if (address !== '127.0.0.1' && address !== '::1') return here;
  const exact = here.filter((one) => one.address === address);
  if (exact.length > 0) return exact;
  return here.filter((one) => one.address === '::' || (one.address === '0.0.0.0' && address !== '::1'));
}
