import { win32 } from 'node:path';

/**
 * A program of Windows itself by its full path: one of the same name on PATH or in the current folder is not taken for
 * it, and a service's short PATH does not matter.
 */
export function systemProgram(
  name: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return win32.join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', name);
}
