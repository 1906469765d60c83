import { type AddressInfo, createServer } from 'node:net';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { findAllowed } from '../../../web/server/comfy/allowList.ts';
import { readText } from '../../../web/server/comfy/frames.ts';
import { promptTexts } from '../../../web/server/comfy/promptGuard.ts';
import { judgePath } from '../../../web/server/guard.ts';
import { until } from '../../until.ts';
import { panelWithComfy, panelWithUpstream } from './comfyUnderTest.ts';
import { ask, openEvents } from './panelUnderTest.ts';

const graph = (inputs: unknown) =>
  Buffer.from(JSON.stringify({ prompt: { 1: { class_type: 'A', inputs } } }));

describe('the words of a job', () => {
  test('are also found where a list only looks like a link: ComfyUI takes it for one in no deeper place', () => {
    expect(promptTexts(graph({ a: [['deep', 0]], b: { __value__: ['wrapped', 1] }, c: ['9', 0] }))).toEqual([
      'deep',
      'wrapped',
    ]);
  });

  test('are read by ComfyUI as they were judged, whatever encoding the sender names', async () => {
    const types: (string | undefined)[] = [];
    const { port } = await panelWithUpstream((request, response) => {
      types.push(request.headers['content-type']);
      request.resume().once('end', () => response.end('{}'));
    });
    for (const type of [
      'application/json; charset=utf-7',
      'application/json; charset=utf-16',
      'text/plain',
      '',
    ])
      await ask(port, '/api/comfy/prompt', {
        method: 'POST',
        headers: type ? { 'content-type': type } : {},
        body: graph({ text: '+AG4-' }),
      });
    expect(types).toEqual(Array(4).fill('application/json'));
  });
});

describe('addresses', () => {
  const nasty = fc.array(
    fc.oneof(
      fc.constantFrom(
        ...[
          'view',
          'history',
          'models',
          'userdata',
          'internal',
          'api',
          'jobs',
          'a',
          '/',
          '//',
          '\\',
          '.',
          '..',
        ],
        ...[
          '%2e',
          '%2E%2e',
          '%2f',
          '%5c',
          '%25',
          '%252e',
          '%00',
          '%0d%0a',
          '%c0%ae',
          '%',
          ';',
          ':',
          '@',
          '#',
          '?',
          '&',
        ],
        ...['%3f', '%23', '%3b', '%09', '%e2%80%8b', 'http:', 'evil.example'],
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 4 }),
    ),
    { maxLength: 8 },
  );

  test('what is allowed is for every reader of addresses the same place below the root of ComfyUI', () => {
    let passed = 0;
    fc.assert(
      fc.property(
        fc.constantFrom('', 'view/', 'history/', 'models/', 'object_info/'),
        nasty,
        (start, parts) => {
          // Anything else Node's parser refuses before the panel sees it.
          const raw = `/${start}${parts.join('')}`.replace(/[^!-~]/g, '');
          let path: string;
          try {
            path = judgePath(`/api/comfy${raw}`).slice('/api/comfy/'.length);
          } catch {
            return;
          }
          const call = findAllowed('GET', path);
          if (!call) return;
          passed += 1;
          const url = new URL(raw, 'http://comfy.example');
          expect(url.host).toBe('comfy.example');
          const fixed = call.pattern.split('/').map((each) => (each.startsWith('{') ? null : each));
          const segments = url.pathname.slice(1).split('/').map(decodeURIComponent);
          expect(segments.length).toBe(fixed.length);
          for (const [at, name] of fixed.entries()) if (name !== null) expect(segments[at]).toBe(name);
        },
      ),
      { numRuns: 20_000 },
    );
    expect(passed).toBeGreaterThan(500);
  });
});

describe('what comes back', () => {
  test.each([
    'application/xslt+xml',
    'application/rss+xml',
    'application/x-javascript',
    'text/ecmascript',
    'multipart/x-mixed-replace; boundary=a',
    'application/pdf',
    'application/x-shockwave-flash',
    '',
    'nonsense',
  ])('of the type %j cannot act as a page of the panel', async (type) => {
    const { port } = await panelWithUpstream((_, response) => {
      if (type) response.setHeader('Content-Type', type);
      response.end('<script>');
    });
    const { headers } = await ask(port, '/api/comfy/view?filename=a');
    expect(headers['content-security-policy']).toBe("sandbox; default-src 'none'");
    expect(headers['content-disposition']).toBe('attachment');
  });

  test('keeps the name of its file, also one in Cyrillic letters, byte for byte', async () => {
    const name = Buffer.from('filename="котик.html"').toString('latin1');
    for (const type of ['text/html', 'image/png']) {
      const { port } = await panelWithUpstream((_, response) =>
        response.writeHead(200, { 'Content-Type': type, 'Content-Disposition': name }).end('a'),
      );
      const { headers } = await ask(port, '/api/comfy/view?filename=a');
      expect(headers['content-disposition']).toBe(type === 'text/html' ? `attachment; ${name}` : name);
    }
  });

  test('unchanged takes nothing from what the browser has kept', async () => {
    const { port } = await panelWithUpstream((_, response) => response.writeHead(304, { ETag: '"1"' }).end());
    const answer = await ask(port, '/api/comfy/view?filename=a', { headers: { 'if-none-match': '"1"' } });
    expect(answer.status).toBe(304);
    expect(answer.headers['content-security-policy']).toBeUndefined();
    expect(answer.headers['content-disposition']).toBeUndefined();
  });

  test('twice typed is judged by neither type', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () =>
        socket.end(
          'HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\nabc',
        ),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = await panelWithComfy((server.address() as AddressInfo).port);
    const { headers } = await ask(port, '/api/comfy/view?filename=a');
    expect(headers['content-disposition']).toBe('attachment');
  });

  test.each([
    'image/png',
    'image/webp',
    'video/mp4',
    'audio/flac',
    'application/json; charset=utf-8',
    'text/plain',
  ])('of the type %s shows in a page', async (type) => {
    const { port } = await panelWithUpstream((_, response) =>
      response.writeHead(200, { 'Content-Type': type, 'Content-Disposition': 'filename="a"' }).end('{}'),
    );
    const { headers } = await ask(port, '/api/comfy/view?filename=a');
    expect(headers['content-disposition']).toBe('filename="a"');
    expect(headers['content-security-policy']).toContain("default-src 'self'");
  });
});

describe('events', () => {
  /** A WebSocket server in the place of ComfyUI. */
  async function panelWithSocket(greet: (socket: WebSocket) => void) {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => {
      for (const each of server.clients) each.terminate();
      server.close();
    });
    await new Promise((resolve) => server.once('listening', resolve));
    server.on('connection', greet);
    return { ...(await panelWithComfy((server.address() as AddressInfo).port)), server };
  }

  test('keep the key that newer versions send with the first status', () => {
    const text = JSON.stringify({
      type: 'status',
      data: { status: { exec_info: { queue_remaining: 0 } }, sid: 'a', credential_key: 'secret' },
    });
    expect(readText(text)).toEqual({
      kind: 'event',
      type: 'status',
      data: { status: { exec_info: { queue_remaining: 0 } } },
    });
  });

  test('of a reader who stands still cost no memory, and the newest are there when it goes on', async () => {
    let sent = 0;
    const { port } = await panelWithSocket((socket) => {
      const node = (value: number) => ({ value, max: 1e6, state: 'running', node_id: 'x'.repeat(50_000) });
      const timer = setInterval(() => {
        for (let each = 0; each < 20; each += 1) {
          sent += 1;
          socket.send(
            JSON.stringify({ type: 'progress_state', data: { prompt_id: 'p', nodes: { 1: node(sent) } } }),
          );
          socket.send(
            JSON.stringify({ type: 'executed', data: { node: String(sent), output: 'y'.repeat(50_000) } }),
          );
        }
      }, 5);
      socket.once('close', () => clearInterval(timer));
    });
    const stream = await openEvents(port, {}, '/api/comfy/events');
    await stream.next('ready');
    stream.response.pause();
    await until('the socket to be full', () => sent > 600);
    globalThis.gc?.();
    const before = process.memoryUsage();
    await until('much more to be sent', () => sent > 6000);
    globalThis.gc?.();
    const after = process.memoryUsage();
    const grown = after.heapUsed + after.external - before.heapUsed - before.external;
    // 540 MB went by meanwhile.
    expect(grown).toBeLessThan(60 * 2 ** 20);
    const had = stream.events.length;
    stream.response.resume();
    await until('the newest', () =>
      stream.events
        .slice(had)
        .some(({ name, data }) => name === 'progress_state' && data.nodes[1].value > 5900),
    );
  }, 30_000);

  test('end with the panel', async () => {
    const { port, panel, server } = await panelWithSocket(() => {});
    const stream = await openEvents(port, {}, '/api/comfy/events');
    await stream.next('ready');
    await panel.close();
    await stream.next('bye');
    await stream.end();
    await until('ComfyUI to be let go', () => server.clients.size === 0, { timeoutMs: 3000 });
  });

  test('end at ComfyUI when their reader leaves', async () => {
    const { port, server } = await panelWithSocket(() => {});
    const stream = await openEvents(port, {}, '/api/comfy/events');
    await stream.next('ready');
    expect(server.clients.size).toBe(1);
    stream.close();
    await until('ComfyUI to be let go', () => server.clients.size === 0, { timeoutMs: 3000 });
  });
});
