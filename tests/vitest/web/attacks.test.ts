import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ask, sendRaw, startTestPanel } from './panelUnderTest.ts';

const statusOf = (answer: string) => Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0);

/** The panel is there for everybody else after whatever was sent. */
async function stillAnswers(port: number): Promise<void> {
  expect((await ask(port, '/api/health')).status).toBe(200);
}

describe('requests that another site makes a browser send', () => {
  test.each([
    'evil.example',
    'evil.example:{port}',
    'localhost.evil.example:{port}',
    'localhost:{port}.evil.example',
    'localhost:1',
    '127.0.0.1.nip.io:{port}',
    '127.0.0.2:{port}',
    '0:{port}',
    '2130706433:{port}',
    '[::ffff:127.0.0.1]:{port}',
    'localhost:{port}@evil.example',
    'evil.example#@localhost:{port}',
    '',
  ])('with the rebound name %j is refused on pages, files and routes', async (name) => {
    const { port, calls } = await startTestPanel();
    const host = name.replace('{port}', String(port));
    for (const path of [
      '/',
      '/diagnostics',
      '/scripts/home.js',
      '/api/status',
      '/api/comfy/queue',
      '/api/events',
    ]) {
      const answer = await sendRaw(
        port,
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      expect([400, 403], `${path} ${host}`).toContain(statusOf(answer));
    }
    expect(calls).toEqual([]);
    await stillAnswers(port);
  });

  test.each([
    ['a form', 'application/x-www-form-urlencoded', 'wait=true'],
    ['plain text', 'text/plain', '{"wait":true}'],
    ['JSON', 'application/json', '{"wait":true}'],
    ['a file', 'multipart/form-data; boundary=x', '--x--'],
    ['nothing', '', ''],
  ])('as %s change nothing', async (_, type, body) => {
    const { port, calls } = await startTestPanel();
    for (const origin of [
      'http://evil.example',
      'null',
      `http://localhost:${port + 1}`,
      'http://localhost',
      `http://evil.localhost:${port}`,
    ]) {
      for (const path of [
        '/api/system/comfyui/stop',
        '/api/system/ignite',
        '/api/doctor',
        '/api/comfy/interrupt',
      ]) {
        const headers = { origin, ...(type && { 'content-type': type }) };
        const answer = await ask(port, path, { method: 'POST', headers, body });
        expect(answer.status, `${origin} ${path}`).toBe(403);
        expect(answer.json()).toMatchObject({ code: 'ORC4001' });
      }
    }
    const crossSite = await ask(port, '/api/system/ignite', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(crossSite.status).toBe(403);
    expect(calls).toEqual([]);
  });

  test('may neither embed the panel nor read its answers', async () => {
    const { port } = await startTestPanel();
    for (const path of ['/', '/diagnostics', '/api/status']) {
      const { headers } = await ask(port, path);
      expect(headers['content-security-policy'], path).toContain("frame-ancestors 'none'");
      expect(headers['cross-origin-resource-policy'], path).toBe('same-origin');
      expect(
        Object.keys(headers).filter((name) => name.startsWith('access-control')),
        path,
      ).toEqual([]);
    }
    const preflight = await ask(port, '/api/system/ignite', {
      method: 'OPTIONS',
      headers: { origin: `http://localhost:${port}`, 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('addresses that lead elsewhere', () => {
  const ways = [
    '..',
    '../..',
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e/%2e%2e',
    '%2e%2e%2f%2e%2e',
    '..%5c..%5cwindows',
    '..\\..\\windows',
    '%252e%252e%252f',
    '%c0%ae%c0%ae/',
    '%00',
    'a%00b',
    '.',
    './.',
    '%',
    '%zz',
    'C:%5cwindows',
    '//evil.example/',
    'http://evil.example/',
    'http:%2f%2fevil.example',
    '@evil.example/',
    '?/../..',
    '#/../..',
  ];

  test.each(ways)(
    '%s reads no file and reaches no other host',
    async (way) => {
      const { port } = await startTestPanel();
      const prefixes = [
        '/',
        '/scripts/',
        '/api/',
        '/api/incidents/',
        '/api/system/',
        '/api/logs/',
        '/api/comfy/',
        '/api/comfy/view/',
      ];
      for (const prefix of prefixes) {
        const answer = await sendRaw(
          port,
          `GET ${prefix}${way} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`,
        );
        const status = statusOf(answer);
        // 502: what is left of it is an address of ComfyUI, which is not there.
        const fine =
          way.startsWith('?') || way.startsWith('#')
            ? [200, 303, 400, 403, 404, 405, 502]
            : [400, 403, 404, 405];
        expect(fine, `${prefix}${way}: ${status}`).toContain(status);
        expect(answer).not.toMatch(/root:|\[extensions\]|"dependencies"/);
      }
      await stillAnswers(port);
    },
    30_000,
  );

  test.each([
    'http://evil.example/',
    'http://evil.example/api/status',
    '*',
    'evil.example:80',
    '//evil.example/api/status',
  ])('the target %s is refused', async (target) => {
    const { port } = await startTestPanel();
    const answer = await sendRaw(
      port,
      `GET ${target} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`,
    );
    expect([400, 403, 404]).toContain(statusOf(answer));
  });
});

describe('requests that are not what they seem', () => {
  test.each([
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n'],
    ['no Host', 'GET / HTTP/1.0\r\n\r\n'],
    [
      'two lengths',
      'POST /api/system/ignite HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x',
    ],
    [
      'a length and chunks',
      'POST /api/system/ignite HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'a bad chunk',
      'POST /api/system/ignite HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    ],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: {host}\r\nX-A: b\r\n c\r\n\r\n'],
    ['a bare line feed', 'GET / HTTP/1.1\nHost: {host}\n\n'],
    ['a header with a null', 'GET / HTTP/1.1\r\nHost: {host}\r\nX-A: b\0c\r\n\r\n'],
    ['a method of its own', 'BREW / HTTP/1.1\r\nHost: {host}\r\n\r\n'],
    ['TRACE', 'TRACE / HTTP/1.1\r\nHost: {host}\r\n\r\n'],
    ['CONNECT', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: {host}\r\n\r\n'],
    [
      'an upgrade',
      'GET /api/events HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n',
    ],
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00'],
    ['headers without end', `GET / HTTP/1.1\r\nHost: {host}\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['an address without end', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: {host}\r\n\r\n`],
  ])('%s: no success, and the panel goes on', async (_, text) => {
    const { port, calls } = await startTestPanel();
    const answer = await sendRaw(port, text.replaceAll('{host}', `localhost:${port}`));
    const status = statusOf(answer);
    expect([0, 400, 403, 404, 405, 413, 414, 431, 501], answer.slice(0, 80)).toContain(status);
    expect(calls).toEqual([]);
    await stillAnswers(port);
  });

  test('nothing that is sent comes back as a header of its own', async () => {
    const { port } = await startTestPanel();
    const split = '%0d%0aSet-Cookie:%20evil=1';
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const answers = await Promise.all([
      ask(port, `/${split}`, { headers: { accept: 'text/html' } }),
      ask(port, `/api/system/${split}/status`),
      ask(port, `/api/incidents/${split}`),
      ask(port, `/api/comfy/events?clientId=${split}`),
      ask(port, '/sign-in', { method: 'POST', headers: form, body: `token=x&next=/${split}` }),
      ask(port, '/api/health', { headers: { 'x-request-id': 'evil' } }),
      ask(port, '/', { headers: { cookie: 'language=ru%0d%0aSet-Cookie: evil=1' } }),
    ]);
    for (const { headers } of answers) {
      expect(String(headers['set-cookie'] ?? '')).not.toContain('evil');
      expect(headers['x-request-id']).toMatch(/^[0-9a-f]{16}$/);
      expect(String(headers.location ?? '')).not.toMatch(/[\r\n]/);
    }
  });
});

describe('senders who take their time, or send too much', () => {
  test('headers that never end are cut off', async () => {
    const { port } = await startTestPanel({ limits: { headersMs: 300 } });
    const began = performance.now();
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    socket.write(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\n`);
    const drip = setInterval(() => socket.write('X-A: b\r\n'), 50);
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(drip);
    expect(performance.now() - began).toBeLessThan(3000);
    await stillAnswers(port);
  });

  test('a body that never ends is cut off, and others are answered meanwhile', async () => {
    const { port, calls } = await startTestPanel({ limits: { bodyMs: 400 } });
    const sockets = Array.from({ length: 20 }, () => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', () => {});
      socket.write(
        `POST /api/system/ignite HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 50\r\n\r\n{`,
      );
      return new Promise((resolve) => socket.once('close', resolve));
    });
    await pause(100);
    await stillAnswers(port);
    await Promise.all(sockets);
    expect(calls).toEqual([]);
  });

  test('a body over the limit is refused, announced or not', async () => {
    const { port, calls } = await startTestPanel();
    const large = Buffer.alloc(70_000, 32);
    expect((await ask(port, '/api/system/ignite', { method: 'POST', body: large })).status).toBe(413);
    const head = `POST /api/system/ignite HTTP/1.1\r\nHost: localhost:${port}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
    const chunked = await sendRaw(port, `${head}11170\r\n${large.toString()}\r\n0\r\n\r\n`);
    expect(statusOf(chunked)).toBe(413);
    const announced = await sendRaw(
      port,
      `POST /api/comfy/prompt HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n`,
    );
    expect(statusOf(announced)).toBe(413);
    expect(calls).toEqual([]);
    await stillAnswers(port);
  });
});
