import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Variables = Readonly<Record<string, string | undefined>>;

/** Old names that people may still have, and what they are called now. */
const oldNames: Readonly<Record<string, string>> = { NEXT_PUBLIC_SENTRY_DSN: 'SENTRY_DSN' };

/**
 * Values that must not be in the manifest: the process environment first, then `.env.local` at the root. An empty
 * variable counts as not set. A missing or unreadable file is as good as an empty one. Values are for use only: never
 * log them.
 */
export function readSecrets({
  root,
  env,
  read = (path) => readFileSync(path, 'utf8'),
}: {
  root: string;
  env: Variables;
  read?: (path: string) => string;
}): Readonly<Record<string, string>> {
  let file: Record<string, string> = {};
  try {
    file = parseEnvFile(read(join(root, '.env.local')));
  } catch {
    // Without the file there are only the variables of the process.
  }
  return { ...withNewNames(file), ...withNewNames(env) };
}

function withNewNames(variables: Variables): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    if (value !== undefined && value !== '') found[name] = value;
  }
  for (const [old, name] of Object.entries(oldNames)) {
    const value = found[old];
    if (value !== undefined) found[name] ??= value;
  }
  return found;
}

const assignment = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)$/s;

/**
 * Reads NAME=value lines: `export` before the name, comments, single, double and no quotes. Nothing is filled in or
 * run. In double quotes \n, \r, \t, \" and \\ are read; an unquoted value ends at a space with a #. The last of
 * equal names wins. A line that is none of this is passed over.
 */
export function parseEnvFile(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    const [, name, raw] = assignment.exec(line) ?? [];
    if (name !== undefined && raw !== undefined) found[name] = readValue(raw);
  }
  return found;
}

function readValue(raw: string): string {
  const single = /^'([^']*)'[ \t]*(?:#.*)?$/s.exec(raw);
  if (single) return single[1] ?? '';
  const double = /^"((?:[^"\\]|\\.)*)"[ \t]*(?:#.*)?$/s.exec(raw);
  if (double) {
    return (double[1] ?? '').replace(/\\(.)/gs, (all, sign: string) => escapes[sign] ?? all);
  }
  return raw.replace(/(?:^|[ \t])#.*$/, '').trim();
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };
