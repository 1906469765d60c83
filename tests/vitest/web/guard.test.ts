import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allowedHosts, createHostList, isLoopback } from '../../../web/server/address.ts';
import { judgeLength, judgePath, judgeRequest } from '../../../web/server/guard.ts';

const hosts = allowedHosts({ host: 'localhost', port: 3000, secure: false });

function judged({ method = 'GET', url = '/', ...headers }: Readonly<Record<string, string>>): string {
  const all = { host: 'localhost:3000', ...headers };
  const rawHeaders = Object.entries(all).flat();
  try {
    const path = judgeRequest({ method, url, headers: all, rawHeaders }, hosts);
    judgeLength({ headers: all });
    return path;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('Host', () => {
  test.each([
    ['localhost:3000', '/'],
    ['127.0.0.1:3000', '/'],
    ['[::1]:3000', '/'],
    ['LOCALHOST:3000', '/'],
    ['localhost', 'ORC4001'],
    ['localhost:3001', 'ORC4001'],
    ['evil.example', 'ORC4001'],
    ['evil.example:3000', 'ORC4001'],
    ['localhost.evil.example:3000', 'ORC4001'],
    ['localhost:3000.evil.example', 'ORC4001'],
    ['127.0.0.1:3000@evil.example', 'ORC4001'],
    ['127.1:3000', 'ORC4001'],
    ['::1:3000', 'ORC4001'],
    ['', 'ORC4001'],
  ])('%s', (host, verdict) => {
    expect(judged({ host })).toBe(verdict);
  });

  test('two of them are refused even when the first is ours', () => {
    const request = {
      method: 'GET',
      url: '/',
      headers: { host: 'localhost:3000' },
      rawHeaders: ['Host', 'localhost:3000', 'host', 'evil.example'],
    };
    expect(() => judgeRequest(request, hosts)).toThrow(/ORC4001/);
  });

  test('the configured one counts, and the scheme decides about its own port', () => {
    const named = allowedHosts({ host: 'Studio.LAN', port: 443, secure: true });
    expect([...named]).toEqual(expect.arrayContaining(['studio.lan', 'studio.lan:443', 'localhost:443']));
    expect(allowedHosts({ host: 'studio.lan', port: 443, secure: false }).has('studio.lan')).toBe(false);
    expect(allowedHosts({ host: '::1', port: 80, secure: false }).has('[::1]')).toBe(true);
  });

  test('on a wildcard address the machine goes by its own addresses, and by names that are given', () => {
    const wild = allowedHosts({ host: '0.0.0.0', port: 3000, secure: false, extra: ['Panel.example'] });
    expect(wild.has('panel.example')).toBe(true);
    expect(wild.has('127.0.0.1:3000')).toBe(true);
    expect(wild.has('evil.example:3000')).toBe(false);
  });

  test('the list follows the port and is made anew after ten seconds', () => {
    let port = 3000;
    let now = 0;
    const list = createHostList({ host: 'localhost', secure: false, port: () => port, clock: () => now });
    const first = list();
    expect(list()).toBe(first);
    now = 10_001;
    expect(list()).not.toBe(first);
    port = 4000;
    expect(list().has('localhost:4000')).toBe(true);
  });
});

describe('Origin and what the browser says', () => {
  test.each([
    [{}, '/'],
    [{ method: 'POST' }, '/'],
    [{ method: 'POST', origin: 'http://localhost:3000' }, '/'],
    [{ method: 'POST', origin: 'https://localhost:3000' }, '/'],
    [{ method: 'POST', host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000' }, '/'],
    [{ method: 'POST', origin: 'http://127.0.0.1:3000' }, 'ORC4001'],
    [{ method: 'POST', origin: 'http://localhost:8188' }, 'ORC4001'],
    [{ method: 'POST', origin: 'http://evil.example' }, 'ORC4001'],
    [{ method: 'POST', origin: 'null' }, 'ORC4001'],
    [{ method: 'GET', origin: 'http://evil.example' }, 'ORC4001'],
    [{ method: 'POST', 'sec-fetch-site': 'same-origin' }, '/'],
    [{ method: 'POST', 'sec-fetch-site': 'none' }, '/'],
    [{ method: 'POST', 'sec-fetch-site': 'cross-site' }, 'ORC4001'],
    [{ method: 'POST', 'sec-fetch-site': 'same-site' }, 'ORC4001'],
    [{ method: 'DELETE', 'sec-fetch-site': 'cross-site' }, 'ORC4001'],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, '/'],
    [{ url: '/api/status', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 'ORC4001'],
    [{ url: '/api/events', 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, 'ORC4001'],
    [{ url: '/api/status', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, '/api/status'],
    [{ method: 'TRACE' }, 'ORC4003'],
    [{ method: 'POST', 'content-length': '65536' }, '/'],
    [{ method: 'POST', 'content-length': '65537' }, 'ORC4004'],
  ] as const)('%o → %s', (headers, verdict) => {
    expect(judged(headers)).toBe(verdict);
  });
});

describe('paths', () => {
  test.each([
    ['/', '/'],
    ['/api/status?x=%2f..%5c', '/api/status'],
    ['/%D1%84', '/ф'],
    ['/a%20b', '/a b'],
    ['/...', '/...'],
  ])('%s is taken as %s', (url, path) => {
    expect(judgePath(url)).toBe(path);
  });

  test.each([
    '',
    '*',
    'http://evil.example/',
    '//evil.example/',
    '/%',
    '/%zz',
    '/%ff',
    '/..',
    '/../secret',
    '/a/./b',
    '/%2e%2e/secret',
    '/%2E./secret',
    '/..%2fsecret',
    '/..%2Fsecret',
    '/..%5csecret',
    '/..\\secret',
    '/%252e%252e/',
    '/a%00b',
  ])('%s is refused', (url) => {
    expect(() => judgePath(url)).toThrow(/ORC4005/);
  });

  test('whatever is let through names no other folder', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }).map(encodeURI), (tail) => {
        let path: string;
        try {
          path = judgePath(`/${tail}`);
        } catch {
          return;
        }
        const resolved = new URL(`http://x${encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23')}`);
        expect(decodeURIComponent(resolved.pathname)).toBe(path);
        expect(path).not.toMatch(/\\|\0|(^|\/)\.\.?(\/|$)/);
      }),
    );
  });
});

test('loopback is known by its addresses', () => {
  expect(['localhost', '127.0.0.1', '127.9.9.9', '::1', '[::1]', 'LOCALHOST'].map(isLoopback)).not.toContain(
    false,
  );
  expect(['0.0.0.0', '::', '192.168.1.2', 'studio.lan', '127.evil.example'].map(isLoopback)).not.toContain(
    true,
  );
});
