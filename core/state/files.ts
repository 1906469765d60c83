import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { z } from 'zod';
import { errorText } from '../contract/errors.ts';

/** What a reader of a state file gets: never an exception. */
export interface StateRead<T> {
  /** Null when there is nothing usable. */
  readonly value: T | null;
  /** One sentence when the file is there but could not be used; null when it is fine or simply not there. */
  readonly warning: string | null;
}

function warn(file: string, fault: string, detail: string): string {
  const { what, why, fix } = errorText({ code: 'ORC5001', data: { file: basename(file), fault, detail } });
  return `${what} ${why} ${fix}`;
}

function parse<T>(file: string, text: string, schema: z.ZodType<T>): StateRead<T> {
  if (text.trim() === '') return { value: null, warning: warn(file, 'empty', 'It has no content.') };
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return { value: null, warning: warn(file, 'damaged', 'It is not whole JSON.') };
  }
  const result = schema.safeParse(json);
  if (result.success) return { value: result.data, warning: null };
  const version = (json as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > 1) {
    return {
      value: null,
      warning: warn(file, 'from a newer version', `It has version ${version}; this program reads 1.`),
    };
  }
  const issue = result.error.issues[0];
  return {
    value: null,
    warning: warn(file, 'damaged', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`),
  };
}

/** Reads a state file by its schema. Missing is a plain null; anything else unusable is a warning. Never throws. */
export async function readState<T>(file: string, schema: z.ZodType<T>): Promise<StateRead<T>> {
  try {
    return parse(file, await readFile(file, 'utf8'), schema);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT') return { value: null, warning: null };
    return { value: null, warning: warn(file, 'unreadable', `The system says ${code}.`) };
  }
}

/**
 * Writes a state file so that a reader sees the old or the new content and nothing between: a temporary file beside
 * it, then a rename. Windows refuses the rename while a reader has the file open, so it is tried for half a second.
 */
export async function writeState(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = join(
    dirname(file),
    `.${basename(file)}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`,
  );
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(value, null, 2)}\n`);
    } finally {
      await handle.close();
    }
    await renameWithPatience(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function renameWithPatience(from: string, to: string): Promise<void> {
  const deadline = Date.now() + 500;
  for (;;) {
    try {
      return await rename(from, to);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      const busy = code === 'EPERM' || code === 'EACCES' || code === 'EBUSY';
      if (!busy || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
