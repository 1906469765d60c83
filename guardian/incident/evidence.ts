import { open, stat } from 'node:fs/promises';
import { redact } from '../../core/redact.ts';

const mostLines = 20;
const mostCharacters = 500;
const tailBytes = 65_536;

/** Where a log file ended when a run began. */
export interface LogMark {
  readonly ino: number;
  readonly size: number;
}

export interface LogMarks {
  readonly stdout: LogMark;
  readonly stderr: LogMark;
}

/** The present ends of both logs; a file that is not there ends at its beginning. */
export async function markLogs({ stdout, stderr }: { stdout: string; stderr: string }): Promise<LogMarks> {
  const mark = async (file: string): Promise<LogMark> => {
    const facts = await stat(file).catch(() => null);
    return { ino: facts?.ino ?? 0, size: facts?.size ?? 0 };
  };
  const [out, error] = await Promise.all([mark(stdout), mark(stderr)]);
  return { stdout: out, stderr: error };
}

/**
 * The last lines that a run left in its logs: at most 20, each at most 500 characters, without secrets. What it wrote
 * to stderr comes last and has precedence. A log that was not touched since `startedAt` is of an earlier run.
 */
export async function gatherEvidence({
  stdout,
  stderr,
  startedAt,
  begun = null,
}: {
  stdout: string;
  stderr: string;
  /** Milliseconds since 1970; null when it is not known. */
  startedAt: number | null;
  begun?: LogMarks | null;
}): Promise<string[]> {
  const errors = await lastLines(stderr, startedAt, begun?.stderr ?? null);
  const room = mostLines - errors.length;
  const output =
    stdout === stderr || room === 0 ? [] : await lastLines(stdout, startedAt, begun?.stdout ?? null);
  return [...output.slice(-room), ...errors].map((line) => cut(redact(line)));
}

async function lastLines(file: string, startedAt: number | null, begun: LogMark | null): Promise<string[]> {
  try {
    const { size, mtimeMs, ino } = await stat(file);
    if (size === 0 || (startedAt !== null && mtimeMs < startedAt)) return [];
    const handle = await open(file, 'r');
    try {
      // A file that was rotated since holds nothing of an earlier run.
      const start = begun?.ino === ino && begun.size <= size ? begun.size : 0;
      const length = Math.min(size - start, tailBytes);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      const lines = buffer.toString('utf8', 0, bytesRead).split(/\r\n|\n|\r/);
      // The first one is only the end of a line where more was there than was read.
      const whole = size - start > length ? lines.slice(1) : lines;
      return whole.filter((line) => line.trim() !== '').slice(-mostLines);
    } finally {
      await handle.close();
    }
  } catch {
    // No log is no evidence; the incident stands without it.
    return [];
  }
}

function cut(line: string): string {
  if (line.length <= mostCharacters) return line;
  // Not through the middle of a pair that is one character.
  return `${line.slice(0, mostCharacters - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
