import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RotatingFileStream } from 'rotating-file-stream';
import { type AuditEntry, auditEntrySchema } from '../../../core/contract/audit.ts';

export interface JournalOptions {
  readonly folder: string;
  /** Begins the names of its files. */
  readonly name: string;
  /** A file of this size gives way to a new one; the newest `files` of them stay. */
  readonly size: `${number}${'K' | 'M'}`;
  readonly files: number;
  /** Hears once of each trouble; the next entry tries anew. */
  readonly failed: (error: unknown) => void;
}

export interface Journal {
  /** Never rejects; resolves when the entry is written, or cannot be. */
  add(entry: AuditEntry): Promise<void>;
  /** The newest first. */
  newest(limit: number): Promise<AuditEntry[]>;
  /** Resolves when all that was added is written. */
  close(): Promise<void>;
}

/** So many entries wait for a slow disk; more are lost, which is told. */
const mostWaiting = 1000;

/** Entries as JSON lines in files that only the owner can read. */
export function createJournal({ folder, name, size, files, failed }: JournalOptions): Journal {
  const current = `${name}.jsonl`;
  const shape = new RegExp(`^${name}(-[\\dTZ-]+)?\\.jsonl$`);
  let opening: Promise<RotatingFileStream> | null = null;
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;

  async function open(): Promise<RotatingFileStream> {
    const { createStream } = await import('rotating-file-stream');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const options = { path: folder, size, maxFiles: files, mode: 0o600 };
    const stream = createStream((time, index) => fileName(name, time, index), options);
    await once(stream, 'open');
    const mine = opening;
    stream.on('error', (error) => lost(mine, error));
    stream.on('warning', failed);
    // Older ones keep their mode otherwise.
    await Promise.all([chmod(folder, 0o700), chmod(join(folder, current), 0o600)]).catch(() => {});
    return stream;
  }

  /** A stream that broke is opened anew, and told once. */
  function lost(stream: typeof opening, error: unknown): void {
    if (opening !== stream) return;
    opening = null;
    failed(error);
  }

  async function write(line: string): Promise<void> {
    opening ??= open();
    const mine = opening;
    try {
      const stream = await mine;
      await new Promise<void>((resolve, reject) =>
        stream.write(line, (error) => (error ? reject(error) : resolve())),
      );
    } catch (error) {
      lost(mine, error);
    }
  }

  return {
    add(entry) {
      if (waiting >= mostWaiting) {
        failed(new Error(`${mostWaiting} entries wait to be written`));
        return Promise.resolve();
      }
      waiting += 1;
      last = last
        .then(() => write(`${JSON.stringify(entry)}\n`))
        .finally(() => {
          waiting -= 1;
        });
      return last;
    },
    async newest(limit) {
      const names = await readdir(folder).catch((): string[] => []);
      const own = names.filter((each) => shape.test(each)).sort(newestFirst(current));
      const entries: AuditEntry[] = [];
      for (const file of own) {
        const lines = (await readFile(join(folder, file), 'utf8').catch(() => '')).split('\n').reverse();
        for (const line of lines) {
          const entry = read(line);
          if (entry) entries.push(entry);
          if (entries.length === limit) return entries;
        }
      }
      return entries;
    },
    async close() {
      await last;
      const stream = await opening?.catch(() => null);
      opening = null;
      if (stream) await new Promise<void>((resolve) => stream.end(() => resolve()));
    },
  };
}

/** The one that is written comes first, then the newest. */
const newestFirst = (current: string) => (a: string, b: string) => {
  if (a === current) return -1;
  return b === current ? 1 : b.localeCompare(a);
};

function fileName(name: string, time: number | Date | null, index?: number): string {
  if (!time) return `${name}.jsonl`;
  const stamp = new Date(time).toISOString().replaceAll(/[:.]/g, '-');
  return `${name}-${stamp}-${String(index ?? 0).padStart(3, '0')}.jsonl`;
}

/** A line that was cut off by a crash is passed over. */
function read(line: string): AuditEntry | null {
  try {
    return auditEntrySchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
