import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, normalize, parse, resolve } from 'node:path';
import { isInside } from '../../storage/folders.ts';
import type { App } from '../app.ts';
import { type Part, parseMultipart } from '../multipart.ts';
import { empty, json, type Reply, serverError } from '../reply.ts';
import type { Call, Route } from '../router.ts';

const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

/** A name that is free, or that of a file with the same bytes. */
async function freeName(
  folder: string,
  wanted: string,
  data: Buffer,
): Promise<{ name: string; same: boolean }> {
  const { name: stem, ext } = parse(wanted);
  let name = wanted;
  for (let count = 1; existsSync(join(folder, name)); count++) {
    if (digest(await readFile(join(folder, name))) === digest(data)) return { name, same: true };
    name = `${stem} (${count})${ext}`;
  }
  return { name, same: false };
}

const textOf = (parts: readonly Part[], name: string): string | undefined =>
  parts.find((part) => part.name === name && part.filename === null)?.data.toString('utf8');

async function store(parts: readonly Part[], { catalog }: App): Promise<Reply> {
  const image = parts.find((part) => part.name === 'image');
  if (!image?.filename) return empty(400);
  const type = textOf(parts, 'type') ?? 'input';
  const folder = catalog.folders.byType(type);
  if (folder === null) return serverError();
  const subfolder = textOf(parts, 'subfolder') ?? '';
  const target = resolve(join(folder, normalize(subfolder)));
  const path = resolve(join(target, image.filename));
  if (!isInside(folder, target) || !isInside(folder, path) || path === folder) return empty(400);
  await mkdir(target, { recursive: true });
  const overwrite = ['true', '1'].includes(textOf(parts, 'overwrite') ?? '');
  const { name, same } = overwrite
    ? { name: image.filename, same: false }
    : await freeName(target, image.filename, image.data);
  if (!same) await writeFile(join(target, name), image.data);
  return json({ name, subfolder, type });
}

export function uploadRoutes(app: App): Route[] {
  const upload = async ({ body, request }: Call): Promise<Reply> => {
    const parts = parseMultipart(await body(), request.headers['content-type']);
    return parts ? store(parts, app) : empty(400);
  };
  return [['POST', '/upload/image', upload]];
}
