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

/** What a browser could run as if it came from the panel. */
const risky =
  /^(?:text\/(?:html|xml|javascript|css)|application\/(?:xhtml\+xml|xml|javascript)|image\/svg\+xml)/i;

export function passOutward(response: ServerResponse, headers: IncomingHttpHeaders): void {
  for (const name of outward) {
    const value = headers[name];
    if (value !== undefined) response.setHeader(name, value);
  }
  if (!risky.test(headers['content-type'] ?? '')) return;
  response.setHeader('Content-Security-Policy', "sandbox; default-src 'none'");
  response.setHeader('Content-Disposition', 'attachment');
}
