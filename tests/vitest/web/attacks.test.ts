import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../core/contract/manifest.ts';
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
  const post = 'POST /api/system/ignite HTTP/1.1\r\nHost: {host}\r\n';
  const own = 'http://{host}';
  const chunked = 'Transfer-Encoding: chunked\r\n';

  test.each([
    ['two Hosts', 403, 'GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n'],
    ['no Host', 400, 'GET / HTTP/1.1\r\n\r\n'],
    ['no Host in HTTP/1.0', 403, 'GET / HTTP/1.0\r\n\r\n'],
    ['two lengths', 400, `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x`],
    ['a length below nothing', 400, `${post}Content-Length: -1\r\n\r\n`],
    ['a length and chunks', 400, `${post}Content-Length: 4\r\n${chunked}\r\n0\r\n\r\n`],
    ['two encodings', 400, `${post}${chunked}Transfer-Encoding: identity\r\n\r\n0\r\n\r\n`],
    ['a bad chunk', 400, `${post}${chunked}\r\nzz\r\n`],
    ['a chunk without end', 400, `${post}${chunked}\r\nfffffffffffffffffff\r\n`],
    ['two Origins, ours first', 403, `${post}Origin: ${own}\r\nOrigin: http://evil.example\r\n\r\n`],
    ['two Origins, ours last', 403, `${post}Origin: http://evil.example\r\nOrigin: ${own}\r\n\r\n`],
    ['two sites', 403, `${post}Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site\r\n\r\n`],
    ['two tokens', 400, `${post}Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n`],
    ['a folded header', 400, 'GET / HTTP/1.1\r\nHost: {host}\r\nX-A: b\r\n c\r\n\r\n'],
    ['a space before the colon', 400, 'GET / HTTP/1.1\r\nHost : {host}\r\n\r\n'],
    ['a bare line feed', 400, 'GET / HTTP/1.1\nHost: {host}\n\n'],
    ['a header with a null', 400, 'GET / HTTP/1.1\r\nHost: {host}\r\nX-A: b\0c\r\n\r\n'],
    ['a method of its own', 400, 'BREW / HTTP/1.1\r\nHost: {host}\r\n\r\n'],
    ['TRACE', 405, 'TRACE / HTTP/1.1\r\nHost: {host}\r\n\r\n'],
    // The connection is cut without a word.
    ['CONNECT', 0, 'CONNECT evil.example:443 HTTP/1.1\r\nHost: {host}\r\n\r\n'],
    [
      'an upgrade from elsewhere',
      403,
      'GET /api/events HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n',
    ],
    ['HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['no HTTP at all', 400, '\x16\x03\x01\x02\x00\x01\x00'],
    ['an expectation of its own', 417, `${post}Expect: more\r\nContent-Length: 2\r\n\r\n{}`],
    ['a header without end', 431, `GET / HTTP/1.1\r\nHost: {host}\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['headers without end', 431, `GET / HTTP/1.1\r\nHost: {host}\r\n${'a:b\r\n'.repeat(3000)}\r\n`],
    ['an address without end', 431, `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: {host}\r\n\r\n`],
  ])('%s: %i, and the panel goes on', async (_, status, text) => {
    const { port, calls } = await startTestPanel();
    const answer = await sendRaw(port, text.replaceAll('{host}', `localhost:${port}`));
    expect(statusOf(answer), answer.slice(0, 80)).toBe(status);
    expect(calls).toEqual([]);
    await stillAnswers(port);
  });

  test('an upgrade is a plain question, and the connection stays HTTP', async () => {
    const { port } = await startTestPanel();
    for (const protocol of ['websocket', 'h2c']) {
      const answer = await sendRaw(
        port,
        `GET /api/health HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`,
      );
      expect(statusOf(answer)).toBe(200);
      expect(answer).not.toMatch(/^upgrade:/im);
    }
  });

  test('a request behind another is judged by itself, and one inside a body is no request', async () => {
    const { port, calls } = await startTestPanel();
    const first = `GET /api/health HTTP/1.1\r\nHost: localhost:${port}\r\n`;
    const second = 'POST /api/system/ignite HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n';
    const statuses = (answer: string) =>
      [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code]) => Number(code));
    expect(statuses(await sendRaw(port, `${first}\r\n${second}`))).toEqual([200, 403]);
    const inside = `${first}Connection: close\r\nContent-Length: ${second.length}\r\n\r\n${second}`;
    expect(statuses(await sendRaw(port, inside))).toEqual([200]);
    expect(calls).toEqual([]);
  });

  test('a body that is cut off in the middle asks for nothing', async () => {
    const { port, calls } = await startTestPanel();
    for (const body of [`${chunked}\r\n5\r\nab`, 'Content-Length: 9\r\n\r\n{']) {
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', () => {});
      // Without a reader the end would never be seen.
      socket.resume();
      socket.end(post.replace('{host}', `localhost:${port}`) + body);
      await new Promise((resolve) => socket.once('close', resolve));
    }
    expect(calls).toEqual([]);
    await stillAnswers(port);
  });

  test('nothing that is sent comes back as a header of its own', async () => {
    const { port } = await startTestPanel();
    const split = '%0d%0aSet-Cookie:%20evil=1';
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const answers = await Promise.all([
      ask(port, `/api/logs/comfyui/download?file=${split}`),
      ask(port, `/api/logs/${split}/download`),
      ask(port, '/api/comfy/queue', { headers: { 'last-event-id': 'evil' } }),
      ask(port, `/${split}`, { headers: { accept: 'text/html' } }),
      ask(port, `/api/system/${split}/status`),
      ask(port, `/api/incidents/${split}`),
      ask(port, `/api/comfy/events?clientId=${split}`),
      ask(port, '/sign-in', { method: 'POST', headers: form, body: `token=x&next=/${split}` }),
      ask(port, '/api/health', { headers: { 'x-request-id': 'evil' } }),
      ask(port, '/', { headers: { cookie: 'language=ru%0d%0aSet-Cookie: evil=1' } }),
    ]);
    for (const { headers } of answers) {
      expect(JSON.stringify(headers)).not.toContain('evil=1');
      expect(String(headers['set-cookie'] ?? '')).not.toContain('evil');
      expect(headers['x-request-id']).toMatch(/^[0-9a-f]{16}$/);
      expect(String(headers.location ?? '')).not.toMatch(/[\r\n]/);
    }
  });
});

test
  .skipIf(process.platform === 'win32')
  .each([
    'quote".log',
    'half;x="y.log',
    'back\\slash.log',
    'журнал.log',
    'line\r\nSet-Cookie: evil=1\r\n.log',
  ])('a log of the name %j is downloaded without a header of its own', async (name) => {
  const change = (manifest: Manifest): Manifest => ({
    ...manifest,
    services: manifest.services.map((service) =>
      service.id === 'comfyui'
        ? { ...service, logs: { ...service.logs, stdout: join(manifest.paths.logs, name) } }
        : service,
    ),
  });
  const { port, folder } = await startTestPanel({ change });
  await mkdir(folder.manifest.paths.logs);
  await writeFile(join(folder.manifest.paths.logs, name), 'line\n');
  const { status, headers, text } = await ask(port, '/api/logs/comfyui/download');
  expect([status, text]).toEqual([200, 'line\n']);
  expect(headers['set-cookie']).toBeUndefined();
  const [, quoted, whole] =
    /^attachment; filename="([^"\\]*)"; filename\*=UTF-8''([\w.%~!-]*)$/.exec(
      headers['content-disposition'] ?? '',
    ) ?? [];
  expect(quoted).toMatch(/\.log$/);
  expect(decodeURIComponent(whole ?? '')).toBe(name);
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

  test('a connection on which nothing comes is cut off', async () => {
    const { port } = await startTestPanel({ limits: { headersMs: 300 } });
    const began = performance.now();
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    // Without a reader the end would never be seen.
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
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
