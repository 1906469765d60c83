import type { StaticFiles } from '../staticFiles.ts';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** One of the methods that the panel knows; anything else is one label, so that nobody can make series up. */
export function methodLabel(method: string | undefined): string {
  return methods.has(method ?? '') ? (method ?? '') : 'other';
}

/** The pattern of a route; pages, files and what is not there are one label each. */
export function routeLabel({
  pattern,
  path,
  status,
  files,
}: {
  /** Of the route that answered; null when none did. */
  pattern: string | null;
  path: string;
  status: number;
  files: Pick<StaticFiles, 'isPage'>;
}): string {
  if (pattern !== null) return pattern;
  if (path === '' || path.startsWith('/api/') || status === 404 || status >= 400) return '(none)';
  return files.isPage(path) ? '(page)' : '(file)';
}
