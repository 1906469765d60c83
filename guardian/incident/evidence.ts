import { open, stat } from 'node:fs/promises';
import { redact } from '../../core/redact.ts';

const mostLines = 20;
const mostCharacters = 500;
const tailBytes = 65_536;

/**
 * The last lines that a run left in its logs: at most 20, each at most 500 characters, without secrets. What it wrote
 * to stderr comes last and has precedence. A log that was not touched since `startedAt` is of an earlier run.
 */
export async function gatherEvidence({
  stdout,
  stderr,
  startedAt,
}: {
  stdout: string;
  stderr: string;
  /** Milliseconds since 1970; null when it is not known. */
  startedAt: number | null;
}): Promise<string[]> {
  const errors = await lastLines(stderr, startedAt);
  const room = mostLines - errors.length;
  const output = stdout === stderr || room === 0 ? [] : await lastLines(stdout, startedAt);
  return [...output.slice(-room), ...errors].map((line) => cut(redact(line)));
}

async function lastLines(file: string, startedAt: number | null): Promise<string[]> {
  try {
    const { size, mtimeMs } = await stat(file);
    if (size === 0 || (startedAt !== null && mtimeMs < startedAt)) return [];
    const handle = await open(file, 'r');
    try {
      const length = Math.min(size, tailBytes);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      const lines = buffer.toString('utf8', 0, bytesRead).split(/\r\n|\n|\r/);
      // The first one is only the end of a line where more was there than was read.
      const whole = size > length ? lines.slice(1) : lines;
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
