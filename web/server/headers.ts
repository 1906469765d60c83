import type { ServerResponse } from 'node:http';

const policy = [
  "default-src 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "frame-ancestors 'none'",
  "form-action 'self'",
].join('; ');

const fixed: readonly (readonly [string, string])[] = [
  ['Content-Security-Policy', policy],
  ['X-Content-Type-Options', 'nosniff'],
  // Not no-referrer: with it a browser sends "Origin: null" along with the sign-in form.
  ['Referrer-Policy', 'same-origin'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Permissions-Policy', 'camera=(), geolocation=(), microphone=()'],
];

export function setSecurityHeaders(response: ServerResponse, requestId: string): void {
  for (const [name, value] of fixed) response.setHeader(name, value);
  response.setHeader('X-Request-Id', requestId);
}
