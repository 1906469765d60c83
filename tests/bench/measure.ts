import { readdirSync, readFileSync, readlinkSync as readlink } from 'node:fs';
import { request } from 'node:http';
import { sleep } from '../until.ts';

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The value below which the share `q` of the sorted values lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** One GET on a fresh connection; the status code, or null when nothing answered within the time. */
export function probe(port: number, path = '/', timeoutMs = 500): Promise<number | null> {
  return new Promise((resolve) => {
    const call = request({ host: '127.0.0.1', port, path, agent: false, timeout: timeoutMs }, (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(null));
    call.end();
  });
}

/** Milliseconds until the port answers 200; null after `limitMs`. */
export async function untilAnswers(port: number, limitMs: number, path = '/'): Promise<number | null> {
  const since = performance.now();
  while (performance.now() - since < limitMs) {
    if ((await probe(port, path)) === 200) return performance.now() - since;
    await sleep(2);
  }
  return null;
}

/** Private dirty and resident memory of a process, in MB. Linux. */
export function memoryOf(pid: number): { readonly privateMb: number; readonly rssMb: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kb = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN);
  return { privateMb: kb('Private_Dirty') / 1024, rssMb: kb('Rss') / 1024 };
}

/** Processor seconds a process has used so far. Linux; the clock ticks at 100 Hz. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The process that listens on a port of IPv4 loopback. Linux. */
export function listenerOn(port: number): number | null {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const line = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .find((entry) => new RegExp(`^\\s*\\d+: [0-9A-F]{8}:${hex} \\S+ 0A `).test(entry));
  const inode = line?.trim().split(/\s+/)[9];
  if (!inode) return null;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (holds(pid, inode)) return Number(pid);
  }
  return null;
}

function holds(pid: string, inode: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlink(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`;
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}
