import { createServer } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ask, sendRaw, startTestPanel } from './panelUnderTest.ts';

const policy =
  "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'";

describe('the server', () => {
  test('answers on IPv4 and, where the machine has it, on IPv6', async () => {
    const { panel, port } = await startTestPanel();
    expect((await ask(port, '/api/health')).text).toBe('{"status":"ok"}');
    const ipv6 = await hasIpv6();
    expect(panel.boundTo).toEqual(ipv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']);
    if (ipv6) expect((await ask(port, '/api/health', { host: '::1' })).status).toBe(200);
  });

  test('puts its guard and its headers before everything, pages and assets too', async () => {
    const { port } = await startTestPanel();
    const home = await ask(port, '/');
    const asset = /src="(\/scripts\/[^"]+\.js)"/.exec(home.text)?.[1] ?? '';
    expect(asset).not.toBe('');
    for (const path of [
      '/',
      asset,
      '/theme.js',
      '/favicon.svg',
      '/api/health',
      '/api/status',
      '/api/system/comfy/status',
      '/nothing',
      '/api/nothing',
    ]) {
      const good = await ask(port, path);
      expect(good.headers, path).toMatchObject({
        'content-security-policy': policy,
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'x-request-id': expect.stringMatching(/^[0-9a-f]{16}$/),
      });
      expect(good.headers['access-control-allow-origin'], path).toBeUndefined();
      const evil = await ask(port, path, { headers: { host: 'evil.example' } });
      expect(evil.status, path).toBe(403);
      expect(evil.json(), path).toMatchObject({ code: 'ORC4001', requestId: evil.headers['x-request-id'] });
      const foreign = await ask(port, path, { headers: { origin: 'http://evil.example' } });
      expect(foreign.status, path).toBe(403);
    }
  });

  test('serves the page in the language of the browser or of the choice', async () => {
    const { port } = await startTestPanel();
    expect((await ask(port, '/')).text).toContain('<html lang="en">');
    const russian = await ask(port, '/', { headers: { 'accept-language': 'ru' } });
    expect(russian.text).toContain('<html lang="ru">');
    expect(russian.headers.vary).toContain('Accept-Language');
    const chosen = await ask(port, '/', { headers: { 'accept-language': 'ru', cookie: 'language=en' } });
    expect(chosen.text).toContain('<html lang="en">');
  });

  test('sends files packed to those who can unpack them, and says when nothing has changed', async () => {
    const { port } = await startTestPanel();
    const plain = await ask(port, '/');
    const asset = /src="(\/scripts\/home\.js)"/.exec(plain.text)?.[1] ?? '';
    const whole = await ask(port, asset);
    const packed = await new Promise<{ encoding: string; text: string }>((resolve, reject) => {
      fetchRaw(port, asset, 'gzip').then(resolve, reject);
    });
    expect(packed.encoding).toBe('gzip');
    expect(packed.text).toBe(whole.text);
    expect((await fetchRaw(port, asset, 'br;q=0, gzip;q=0')).encoding).toBe('');
    expect(whole.headers['cache-control']).toBe('no-cache');
    const style = /href="(\/_astro\/[^"]+\.css)"/.exec(plain.text)?.[1] ?? '';
    expect((await ask(port, style)).headers['cache-control']).toContain('immutable');
    expect(whole.headers['content-type']).toMatch(/^text\/javascript/);
    const again = await ask(port, '/', { headers: { 'if-none-match': String(plain.headers.etag) } });
    expect(again.status).toBe(304);
    expect((await ask(port, `${asset}.gz`)).status).toBe(404);
  });

  test('shows a page of its own for what is not there, and a problem to scripts', async () => {
    const { port } = await startTestPanel();
    const page = await ask(port, '/nowhere', { headers: { accept: 'text/html,*/*' } });
    expect(page.status).toBe(404);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.text).toContain('404');
    const script = await ask(port, '/nowhere');
    expect(script.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(script.json()).toMatchObject({ status: 404, code: 'ORC4002' });
    for (const path of [
      '/api/nowhere',
      '/api/system',
      '/api/system/comfy/explode',
      '/_image?href=/etc/passwd',
      '/_server-islands/x',
    ]) {
      expect((await ask(port, path)).status, path).toBe(404);
    }
  });

  test('says which methods an address has', async () => {
    const { port } = await startTestPanel();
    const cases = [
      ['POST', '/api/status', 'GET, HEAD'],
      ['POST', '/', 'GET, HEAD'],
      ['DELETE', '/theme.js', 'GET, HEAD'],
      ['GET', '/api/system/comfy/start', 'POST'],
      ['POST', '/api/system/comfy/status', 'GET, HEAD'],
      ['GET', '/api/system/ignite', 'POST'],
    ] as const;
    for (const [method, path, allow] of cases) {
      const reply = await ask(port, path, { method });
      expect(reply.status, `${method} ${path}`).toBe(405);
      expect(reply.headers.allow, `${method} ${path}`).toBe(allow);
      expect(reply.json()).toMatchObject({ code: 'ORC4003' });
    }
    const head = await ask(port, '/api/status', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.text).toBe('');
  });
});

describe('raw requests', () => {
  test.each([
    ['GET /% HTTP/1.1', 400],
    ['GET /..%2f..%2fpackage.json HTTP/1.1', 400],
    ['GET /..%5c..%5cpackage.json HTTP/1.1', 400],
    ['GET /../../package.json HTTP/1.1', 400],
    ['GET /_astro/../../../package.json HTTP/1.1', 400],
    ['GET /%2e%2e/%2e%2e/package.json HTTP/1.1', 400],
    ['GET //evil.example/ HTTP/1.1', 400],
    ['GET http://evil.example/ HTTP/1.1', 400],
    ['OPTIONS * HTTP/1.1', 400],
    ['GET /api/system/..%2f/status HTTP/1.1', 400],
    ['BREW / HTTP/1.1', 400],
    ['TRACE / HTTP/1.1', 405],
  ])('%s → %i', async (line, status) => {
    const { port } = await startTestPanel();
    const answer = await sendRaw(port, `${line}\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).not.toContain('node-powershell');
  });

  test('no Host, two Hosts, an old HTTP without one: refused', async () => {
    const { port } = await startTestPanel();
    const bare = 'Connection: close\r\n\r\n';
    expect(await sendRaw(port, `GET / HTTP/1.1\r\n${bare}`)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await sendRaw(port, `GET / HTTP/1.0\r\n${bare}`)).toMatch(/^HTTP\/1\.1 403 /);
    const two = `GET / HTTP/1.1\r\nHost: localhost:${port}\r\nHost: evil.example\r\n${bare}`;
    expect(await sendRaw(port, two)).toMatch(/^HTTP\/1\.1 (400|403) /);
  });

  test('a body that grows past the limit is refused, announced or not', async () => {
    const { port, calls } = await startTestPanel();
    const big = 'x'.repeat(70_000);
    const announced = await ask(port, '/api/system/comfy/start', {
      method: 'POST',
      headers: { 'content-length': '70000' },
      body: big,
    });
    expect(announced.status).toBe(413);
    const chunked = await ask(port, '/api/system/comfy/start', {
      method: 'POST',
      headers: { 'transfer-encoding': 'chunked' },
      body: `{"wait": ${' '.repeat(70_000)} true}`,
    });
    expect(chunked.status).toBe(413);
    expect(chunked.json()).toMatchObject({ code: 'ORC4004' });
    expect(calls).toEqual([]);
  });
});

async function fetchRaw(
  port: number,
  path: string,
  accept: string,
): Promise<{ encoding: string; text: string }> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    const headers = { host: `localhost:${port}`, 'accept-encoding': accept };
    request({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const encoding = response.headers['content-encoding'] ?? '';
        const bytes = Buffer.concat(chunks);
        resolve({ encoding, text: (encoding === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8') });
      });
    })
      .on('error', reject)
      .end();
  });
}

function hasIpv6(): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(0, '::1', () => probe.close(() => resolve(true)));
  });
}
