import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import send from 'send';
import type { Exchange } from './context.ts';

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  webmanifest: 'application/manifest+json',
  woff2: 'font/woff2',
};

export interface StaticFiles {
  /** False when the build is not there. */
  readonly built: boolean;
  isPage(path: string): boolean;
  /** Answers with the file or page of this path, if there is one. */
  serve(exchange: Exchange): boolean;
  /** Answers with the page that says so; false when it is not built. */
  serveNotFound(exchange: Exchange): boolean;
}

/**
 * The files of the build, listed once: a path is looked up in the list and never put together into a file name, so no
 * request reaches any other file. Pages exist once per language, below /en/ and /ru/.
 */
export function createStaticFiles(folder: string): StaticFiles {
  const files = listFiles(folder);

  const pageFile = ({ path, language }: Pick<Exchange, 'path' | 'language'>): string | null => {
    const trimmed = path.replace(/\/+$/, '');
    const candidates = [`/${language}${trimmed}/index.html`, `${trimmed}/index.html`];
    return candidates.find((name) => files.has(name)) ?? null;
  };

  function answer(exchange: Exchange, name: string, status = 200): void {
    const { request, response } = exchange;
    const extension = name.slice(name.lastIndexOf('.') + 1);
    const packed = encodings(request.headers['accept-encoding']).find(({ suffix }) =>
      files.has(name + suffix),
    );
    response.statusCode = status;
    response.setHeader('Content-Type', types[extension] ?? 'application/octet-stream');
    response.setHeader(
      'Vary',
      extension === 'html' ? 'Accept-Encoding, Accept-Language, Cookie' : 'Accept-Encoding',
    );
    if (packed) response.setHeader('Content-Encoding', packed.encoding);
    const hashed = name.startsWith('/_astro/');
    response.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    send(request, name + (packed?.suffix ?? ''), { root: folder, cacheControl: false, index: false })
      .on('error', () => response.destroy())
      .pipe(response);
  }

  return {
    built: files.size > 0,
    isPage: (path) => !files.has(path) || path.endsWith('.html'),
    serve(exchange) {
      const name = isPlainFile(files, exchange.path) ? exchange.path : pageFile(exchange);
      if (name === null) return false;
      answer(exchange, name);
      return true;
    },
    serveNotFound(exchange) {
      const name = `/${exchange.language}/not-found/index.html`;
      if (!files.has(name)) return false;
      answer(exchange, name, 404);
      return true;
    },
  };
}

function isPlainFile(files: ReadonlySet<string>, path: string): boolean {
  return files.has(path) && !/\.(br|gz)$/.test(path);
}

function encodings(accepted: unknown): readonly { suffix: string; encoding: string }[] {
  const header = typeof accepted === 'string' ? accepted : '';
  const known = [
    { suffix: '.br', encoding: 'br' },
    { suffix: '.gz', encoding: 'gzip' },
  ];
  return known.filter(({ encoding }) =>
    new RegExp(`\\b${encoding}\\b(?!\\s*;\\s*q=0(\\.0*)?\\s*(,|$))`).test(header),
  );
}

function listFiles(folder: string): Set<string> {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return new Set(
      entries
        .filter((entry) => entry.isFile())
        .map((entry) => `/${relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')}`),
    );
  } catch {
    return new Set();
  }
}
