import { existsSync, readFileSync } from 'node:fs';

const FIXTURES = new URL('../../contract/fixtures/comfyui/', import.meta.url);

/** Versions as the program names them, and the folders of their recordings. */
export const RECORDED = [
  ['2023-12', '2023-12-28'],
  ['0.3.12', '0.3.12'],
  ['0.3.64', '0.3.64'],
  ['0.8.0', '0.8.0'],
] as const;

const fileOf = (folder: string, name: string): URL => new URL(`${folder}/${name}`, FIXTURES);

/** The recorded body, or undefined where that version answered 404. */
export function recorded<T = unknown>(folder: string, name: string): T | undefined {
  const file = fileOf(folder, `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined;
}

export const recordedMessages = (folder: string, name: string): unknown[] =>
  readFileSync(fileOf(folder, `ws_${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/**
 * What may differ between two servers made equal: ids (numbered by first appearance), times, counters in file
 * names, folders and source lines in tracebacks, sizes of previews.
 */
export function normalize(value: unknown): unknown {
  const ids = new Map<string, string>();
  const text = JSON.stringify(value, (key, item: unknown) => {
    if (key === 'timestamp' || key === 'create_time') return `<${typeof item}>`;
    if (key === 'length') return undefined;
    if (key === 'sid' && typeof item === 'string' && /^[0-9a-f]{32}$/.test(item)) return '<hex>';
    return item;
  });
  const plain = text
    .replace(UUID, (id) => {
      const known = ids.get(id) ?? `<id ${ids.size}>`;
      ids.set(id, known);
      return known;
    })
    .replace(/_\d{5}_\.png/g, '_N_.png')
    .replaceAll('<comfyui>/', 'comfyui-demo/')
    .replace(/File \\"[^"]*nodes\/[^"]*\\"/g, 'File <node>');
  return JSON.parse(plain) as unknown;
}

/** The types of a value's parts, for answers whose values cannot be the same. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]));
}
