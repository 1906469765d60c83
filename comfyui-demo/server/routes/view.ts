import { stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { type Folders, isInside } from '../../storage/folders.ts';
import type { App } from '../app.ts';
import { empty, notFound, type Reply } from '../reply.ts';
import type { Call, Route } from '../router.ts';

/** Types that a browser may show; anything that could run is sent as bytes. */
const TYPES: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.json': 'application/json',
  '.txt': 'text/plain',
};
const BYTES = 'application/octet-stream';

/** Where the query points, or the status that refuses it. */
function locate(query: URLSearchParams, folders: Folders): string | number {
  const asked = query.get('filename');
  if (asked === null) return 404;
  const { name, folder: noted } = folders.splitNote(asked);
  if (name === '' || name.startsWith('/') || name.includes('..')) return 400;
  const folder = noted ?? folders.byType(query.get('type') ?? 'output');
  if (folder === null) return 400;
  const inner = resolve(join(folder, query.get('subfolder') ?? ''));
  if (!isInside(folder, inner)) return 403;
  return join(inner, basename(name));
}

const RANGE = /^bytes=(\d*)-(\d*)$/;

/** The bytes asked for, [start, end); null when they cannot be had. */
function rangeOf(header: string | undefined, size: number): [start: number, end: number] | null {
  const [, from = '', to = ''] = RANGE.exec(header ?? '') ?? [];
  if (from === '' && to === '') return [0, size];
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size : Math.min(size, Number(to) + 1);
  return start < end ? [start, end] : null;
}

async function sendFile(path: string, { request }: Call): Promise<Reply> {
  const info = await stat(path, { bigint: true }).catch(() => null);
  if (!info?.isFile()) return notFound();
  const size = Number(info.size);
  const etag = `"${info.mtimeNs.toString(16)}-${size.toString(16)}"`;
  const headers = {
    'Content-Disposition': `filename="${basename(path).replaceAll('"', '')}"`,
    'Content-Type': TYPES[extname(path).toLowerCase()] ?? BYTES,
    ETag: etag,
    'Last-Modified': new Date(Number(info.mtimeMs)).toUTCString(),
    'Accept-Ranges': 'bytes',
  };
  if (request.headers['if-none-match'] === etag) return { status: 304, headers };
  const range = rangeOf(request.headers.range, size);
  if (!range) return { ...empty(416), headers: { 'Content-Range': `bytes */${size}` } };
  const [start, end] = range;
  if (end - start === size) return { status: 200, headers, file: { path, start, end } };
  const partial = { ...headers, 'Content-Range': `bytes ${start}-${end - 1}/${size}` };
  return { status: 206, headers: partial, file: { path, start, end } };
}

/** The picture made anew: a JPEG (WebP is not spoken here, so a `webp` preview is a JPEG too) or its colours only. */
async function converted(path: string, query: URLSearchParams): Promise<Reply | null> {
  const preview = query.get('preview');
  const channel = query.get('channel');
  if (preview === null && (channel === null || channel === 'rgba')) return null;
  const { decodeImage, encodeJpeg, encodePng } = await import('../../image/codecs.ts');
  const frame = await decodeImage(path);
  const disposition = { 'Content-Disposition': `filename="${basename(path).replaceAll('"', '')}"` };
  if (preview === null) {
    if (channel === 'a') spreadAlpha(frame.rgba);
    return { status: 200, headers: { ...disposition, 'Content-Type': 'image/png' }, body: encodePng(frame) };
  }
  const quality = Number(preview.split(';').at(-1));
  const body = encodeJpeg(frame, quality > 0 && quality <= 100 ? quality : 90);
  return { status: 200, headers: { ...disposition, 'Content-Type': 'image/jpeg' }, body };
}

function spreadAlpha(rgba: Uint8Array): void {
  for (let at = 0; at < rgba.length; at += 4) rgba.fill(rgba[at + 3] ?? 0, at, at + 3);
}

export function viewRoutes({ catalog }: App): Route[] {
  return [
    [
      'GET',
      '/view',
      async (call) => {
        const path = locate(call.query, catalog.folders);
        if (path === 404) return notFound();
        if (typeof path === 'number') return empty(path);
        const reply = await sendFile(path, call);
        return reply.status === 200 ? ((await converted(path, call.query)) ?? reply) : reply;
      },
    ],
  ];
}
