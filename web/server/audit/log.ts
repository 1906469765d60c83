import { chmod, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RotatingFileStream } from 'rotating-file-stream';
import { type AuditEntry, auditEntrySchema } from '../../../core/contract/audit.ts';
import type { Logger } from '../../../core/logger.ts';

export interface AuditLog {
  /** Never rejects: an action must not fail because it could not be written down. */
  add(entry: AuditEntry): Promise<void>;
  /** The newest first. */
  newest(limit: number): Promise<AuditEntry[]>;
  close(): void;
}

const current = 'audit.jsonl';

/**
 * Who asked for what: JSON lines in a folder of their own, readable by the owner only. A file of `size` gives way to a
 * new one; the newest `files` of them stay.
 */
export function createAuditLog({
  folder,
  logger,
  size = '5M',
  files = 10,
}: {
  folder: string;
  logger: Logger;
  size?: `${number}${'K' | 'M'}`;
  files?: number;
}): AuditLog {
  let opening: Promise<RotatingFileStream> | null = null;

  async function open(): Promise<RotatingFileStream> {
    const { createStream } = await import('rotating-file-stream');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const stream = createStream(fileName, { path: folder, size, maxFiles: files, mode: 0o600 });
    stream.on('error', (error) => failed(error));
    stream.on('warning', (error) => failed(error));
    await new Promise<void>((resolve) => stream.once('open', () => resolve()));
    // An older file keeps its mode otherwise.
    await chmod(join(folder, current), 0o600).catch(() => {});
    return stream;
  }

  function failed(error: unknown): void {
    opening = null;
    logger.error({ err: error }, 'an action could not be written to the audit log');
  }

  return {
    async add(entry) {
      try {
        opening ??= open();
        const stream = await opening;
        await new Promise<void>((resolve, reject) =>
          stream.write(`${JSON.stringify(entry)}\n`, (error) => (error ? reject(error) : resolve())),
        );
      } catch (error) {
        failed(error);
      }
    },
    async newest(limit) {
      const names = await readdir(folder).catch((): string[] => []);
      const own = names.filter((name) => /^audit(-[\dTZ-]+)?\.jsonl$/.test(name)).sort(byAge);
      const entries: AuditEntry[] = [];
      for (const name of own) {
        const lines = (await readFile(join(folder, name), 'utf8').catch(() => '')).split('\n').reverse();
        for (const line of lines) {
          const entry = read(line);
          if (entry) entries.push(entry);
          if (entries.length === limit) return entries;
        }
      }
      return entries;
    },
    close() {
      void opening?.then((stream) => stream.end());
      opening = null;
    },
  };
}

/** The one that is written comes first, then the newest. */
function byAge(a: string, b: string): number {
  if (a === current) return -1;
  return b === current ? 1 : b.localeCompare(a);
}

function fileName(time: number | Date | null, index?: number): string {
  if (!time) return current;
  const stamp = new Date(time).toISOString().replaceAll(/[:.]/g, '-');
  return `audit-${stamp}-${String(index ?? 0).padStart(3, '0')}.jsonl`;
}

/** A line that was cut off by a crash is passed over. */
function read(line: string): AuditEntry | null {
  try {
    return auditEntrySchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
