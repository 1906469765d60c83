import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/**
 * What passes to ComfyUI. Host, Origin and Sec-Fetch-* do not: it refuses a request whose Origin is not its own Host.
 * Cookies and tokens are the panel's.
 */
const inward = [
  'accept',
  'content-type',
  'content-length',
  'if-modified-since',
  'if-none-match',
  'range',
] as const;

/** What passes back. No CORS headers, no cookies, nothing that is about the connection. */
const outward = [
  'accept-ranges',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  'retry-after',
] as const;

export function inwardHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of inward) {
    const value = headers[name];
    if (typeof value === 'string') passed[name] = value;
  }
  return passed;
}

/** What no browser runs. Any other type could act as a page of the panel: HTML, SVG, all of XML, and what is yet to come. */
const harmless =
  /^(?:(?:image|audio|video)\/[\w.-]+|application\/(?:json|octet-stream)|text\/plain)\s*(?:;|$)/i;

/** `status` and `headers` are those of ComfyUI's answer. */
export function passOutward(response: ServerResponse, status: number, headers: IncomingHttpHeaders): void {
  for (const name of outward) {
    const value = headers[name];
    if (value !== undefined) response.setHeader(name, value);
  }
  // A browser writes the headers of this answer over those of the file that it has kept.
  if (status === 304) response.removeHeader('Content-Security-Policy');
  else if (!isHarmless(headers['content-type'])) disarm(response, headers['content-disposition']);
}

/** A type that is given twice comes as a list, whatever its TypeScript type says: then each reader takes another. */
function isHarmless(type: unknown): boolean {
  return typeof type === 'string' && harmless.test(type);
}

function disarm(response: ServerResponse, disposition: string | undefined): void {
  const [name] = /\bfilename\*?=.*/i.exec(disposition ?? '') ?? [];
  response.setHeader('Content-Security-Policy', "sandbox; default-src 'none'");
  response.setHeader('Content-Disposition', name === undefined ? 'attachment' : `attachment; ${name}`);
}
