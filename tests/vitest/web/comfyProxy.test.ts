import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allowedCalls, findAllowed } from '../../../web/server/comfy/allowList.ts';
import { promptTexts } from '../../../web/server/comfy/promptGuard.ts';
import { freePort } from '../../freePort.ts';
import { until } from '../../until.ts';
import { panelWithComfy, panelWithDemo, panelWithUpstream } from './comfyUnderTest.ts';
import { ask } from './panelUnderTest.ts';
import { ago, viewFile } from './stateFolder.ts';

const graph = (text: string) => ({
  prompt: { 6: { class_type: 'CLIPTextEncode', inputs: { text, clip: ['4', 1] } } },
});

describe('what passes to ComfyUI', () => {
  test('is on the list, and nothing else', async () => {
    const seen: string[] = [];
    const { port } = await panelWithUpstream((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      request.resume().once('end', () => response.end('{}'));
    });
    for (const [method, path] of [
      ['GET', '/internal/logs'],
      ['GET', '/userdata'],
      ['GET', '/settings'],
      ['POST', '/users'],
      ['POST', '/view'],
      ['GET', '/ws'],
      ['GET', '/'],
      ['GET', '/history/a/b'],
      ['POST', '/upload/anything'],
    ] as const) {
      const answer = await ask(port, `/api/comfy${path}`, { method });
      expect(answer.status, `${method} ${path}`).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'ORC4032', fix: expect.stringContaining('127.0.0.1') });
    }
    expect((await ask(port, '/api/comfy/queue', { method: 'DELETE' })).status).toBe(405);
    expect(seen).toEqual([]);
    expect((await ask(port, '/api/comfy/view?filename=a%20b.png&type=output')).status).toBe(200);
    expect((await ask(port, '/api/comfy/object_info/K%20Sampler')).status).toBe(200);
    expect(seen).toEqual(['GET /view?filename=a%20b.png&type=output', 'GET /object_info/K%20Sampler']);
  });

  test('no path finds its way around the list', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 40 }),
        fc.constantFrom('GET', 'POST', 'HEAD', 'PUT'),
        (path, method) => {
          const found = findAllowed(method, path);
          if (!found) return;
          expect(path.split('/').length).toBe(found.pattern.split('/').length);
          expect(path).not.toMatch(/^\/|\/\/|\/$/);
        },
      ),
    );
    for (const { method, pattern } of allowedCalls)
      expect(findAllowed(method, pattern.replace(/\{\w+\}/g, 'x'))?.pattern).toBe(pattern);
    expect(findAllowed('HEAD', 'view')?.pattern).toBe('view');
  });

  test('headers: only those of the content go in, and only those of the content come out', async () => {
    let inward: IncomingHttpHeaders = {};
    const { port, upstreamPort } = await panelWithUpstream((request, response) => {
      inward = request.headers;
      response.writeHead(200, {
        'Content-Type': 'image/png',
        'Content-Disposition': 'filename="a.png"',
        ETag: '"1"',
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Allow-Credentials': 'true',
        'Set-Cookie': 'a=b',
        'Content-Security-Policy': "default-src 'none'",
        Server: 'aiohttp',
        'X-Secret': 'x',
      });
      response.end('picture');
    });
    const answer = await ask(port, '/api/comfy/view?filename=a.png', {
      headers: {
        origin: `http://localhost:${port}`,
        'sec-fetch-site': 'same-origin',
        'sec-fetch-mode': 'cors',
        cookie: 'orchestrator_session=secret',
        authorization: 'Bearer secret',
        'x-forwarded-for': '10.0.0.1',
        referer: `http://localhost:${port}/`,
        range: 'bytes=0-3',
        'if-none-match': '"0"',
      },
    });
    expect(Object.keys(inward).sort()).toEqual(['connection', 'host', 'if-none-match', 'range']);
    expect(inward.host).toBe(`127.0.0.1:${upstreamPort}`);
    expect(answer.text).toBe('picture');
    expect(answer.headers).toMatchObject({
      'content-type': 'image/png',
      etag: '"1"',
      'content-disposition': 'filename="a.png"',
    });
    expect(answer.headers['content-security-policy']).toContain("default-src 'self'");
    for (const name of [
      'access-control-allow-origin',
      'access-control-allow-credentials',
      'set-cookie',
      'server',
      'x-secret',
    ])
      expect(answer.headers[name], name).toBeUndefined();
  });

  test.each(['text/html', 'image/svg+xml', 'text/javascript; charset=utf-8', 'application/xml'])(
    'a file of the type %s cannot act as a page of the panel',
    async (type) => {
      const { port } = await panelWithUpstream((_, response) =>
        response.writeHead(200, { 'Content-Type': type }).end('<script>'),
      );
      const { headers } = await ask(port, '/api/comfy/view?filename=a');
      expect(headers['content-security-policy']).toBe("sandbox; default-src 'none'");
      expect(headers['content-disposition']).toBe('attachment');
      expect(headers['x-content-type-options']).toBe('nosniff');
    },
  );

  test('an upload goes through and back byte for byte, with the name that ComfyUI gives it', async () => {
    const { port } = await panelWithDemo();
    // The demo takes pictures only, and looks at their first bytes.
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    const file = Buffer.concat([png, randomBytes(2_000_000)]);
    const boundary = 'a-boundary';
    const body = Buffer.concat([
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="ein bild.png"\r\nContent-Type: image/png\r\n\r\n`,
      ),
      file,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]);
    const sent = await ask(port, '/api/comfy/upload/image', {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      body,
    });
    expect(sent.status).toBe(200);
    const { name, subfolder, type } = sent.json();
    const back = await fetch(
      `http://localhost:${port}/api/comfy/view?${new URLSearchParams({ filename: name, subfolder, type })}`,
    );
    const hash = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
    expect(hash(new Uint8Array(await back.arrayBuffer()))).toBe(hash(file));
  });

  test('what ComfyUI refuses is passed on as it is', async () => {
    const { port } = await panelWithDemo();
    const answer = await ask(port, '/api/comfy/prompt', {
      method: 'POST',
      body: JSON.stringify({ prompt: {} }),
    });
    expect(answer.status).toBe(400);
    expect(answer.json().error.type).toBe('prompt_no_outputs');
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });
});

describe('the words of a job', () => {
  test('are all found, whatever the nodes are, and links are none', () => {
    const body = {
      prompt: {
        1: {
          class_type: 'A',
          inputs: { text: 'one', deep: [{ more: 'two' }, ['three', 'four']], link: ['9', 0], n: 7 },
        },
        2: { class_type: 'B', inputs: { text_l: 'five' }, _meta: { title: 'no input' } },
        3: 'not a node',
      },
      extra_data: { extra_pnginfo: { workflow: 'not an input' } },
    };
    expect(promptTexts(Buffer.from(JSON.stringify(body)))).toEqual(['one', 'two', 'three', 'four', 'five']);
  });

  test('never fail to be read, whatever comes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        try {
          promptTexts(Buffer.from(JSON.stringify({ prompt: value })));
        } catch (error) {
          expect(['ORC4005', 'ORC4033']).toContain((error as { code: string }).code);
        }
      }),
    );
  });

  test.each([
    ['a workflow as the page saves it', { nodes: [], links: [], last_node_id: 3 }, 'ORC4033'],
    ['one of these as the prompt', { prompt: { nodes: [], links: [] } }, 'ORC4033'],
    ['a list', [], 'ORC4005'],
    ['no JSON', '{', 'ORC4005'],
  ])('%s is refused before ComfyUI sees it', async (_, body, code) => {
    let reached = false;
    const { port } = await panelWithUpstream((__, response) => {
      reached = true;
      response.end('{}');
    });
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await ask(port, '/api/comfy/prompt', { method: 'POST', body: text });
    expect(answer.status).toBe(400);
    expect(answer.json().code).toBe(code);
    expect(reached).toBe(false);
  });

  test('reach ComfyUI byte for byte', async () => {
    let received = '';
    const { port } = await panelWithUpstream((request, response) => {
      request.on('data', (chunk) => {
        received += chunk;
      });
      request.once('end', () => response.end('{"prompt_id":"a"}'));
    });
    const text = `  ${JSON.stringify(graph('Ёжик 🦔'), null, 3)}\n`;
    expect((await ask(port, '/api/comfy/prompt', { method: 'POST', body: text })).status).toBe(200);
    expect(received).toBe(text);
  });
});

describe('a ComfyUI that does not do its part', () => {
  test('down: 502 with the state of its service and what the guardian is about to do', async () => {
    const { port, folder } = await panelWithComfy(await freePort(), { scene: 'cooling' });
    await folder.heartbeat({
      services: {
        comfyui: viewFile({
          state: 'cooling',
          reason: 'It exited with code 1.',
          nextAction: 'restart',
          nextActionAt: ago(-20_000),
          processId: null,
        }),
      },
    });
    const answer = await ask(port, '/api/comfy/queue');
    expect(answer.status).toBe(502);
    expect(answer.json()).toMatchObject({
      code: 'ORC4030',
      why: 'Orchestrator ComfyUI (demo): It exited with code 1.',
      fix: expect.stringMatching(/^The guardian restarts it at 20/),
    });
    const russian = await ask(port, '/api/comfy/queue', { headers: { 'accept-language': 'ru' } });
    expect(russian.json().fix).toMatch(/^Страж перезапустит/);
    expect((await ask(port, '/api/comfy/status')).json()).toMatchObject({
      reachable: false,
      service: { health: 'cooling', nextAction: 'restart' },
    });
  });

  test('that hangs: 504 after its time, and a slow answer that has begun is not cut off', async () => {
    const { port } = await panelWithUpstream(
      (request, response) => {
        if (request.url === '/queue') return;
        response.writeHead(200, { 'Content-Type': 'image/png' });
        let sent = 0;
        const drip = setInterval(() => {
          response.write('x');
          sent += 1;
          if (sent < 8) return;
          clearInterval(drip);
          response.end();
        }, 100);
      },
      { limits: { comfyMs: 400 } },
    );
    const answer = await ask(port, '/api/comfy/queue');
    expect(answer.status).toBe(504);
    expect(answer.json()).toMatchObject({ code: 'ORC4031', why: expect.stringContaining('ComfyUI') });
    expect((await ask(port, '/api/comfy/view?filename=big')).text).toBe('x'.repeat(8));
  });

  test('that dies in the middle of an answer: the reader sees that it is not whole', async () => {
    const { port } = await panelWithUpstream((_, response) => {
      response.writeHead(200, { 'Content-Type': 'image/png', 'Content-Length': 1000 });
      response.write('half');
      setTimeout(() => response.destroy(), 50);
    });
    await expect(ask(port, '/api/comfy/view?filename=a')).rejects.toThrow();
    expect((await ask(port, '/api/health')).status).toBe(200);
  });

  test('that speaks something else: 502 and not a crash', async () => {
    const { createServer } = await import('node:net');
    const server = createServer((socket) => socket.end('SSH-2.0-nothing\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = await panelWithComfy((server.address() as { port: number }).port);
    expect((await ask(port, '/api/comfy/queue')).status).toBe(502);
    server.close();
  });

  test('whose reader has left is not read any further', async () => {
    let closed = false;
    const { port } = await panelWithUpstream((_, response) => {
      response.writeHead(200, { 'Content-Type': 'image/png' });
      const more = setInterval(() => response.write(Buffer.alloc(1000)), 5);
      response.once('close', () => {
        clearInterval(more);
        closed = true;
      });
    });
    const socket = connect({ host: '127.0.0.1', port });
    socket.write(`GET /api/comfy/view?filename=a HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    await until('ComfyUI to be let go', () => closed, { timeoutMs: 3000 });
  });

  test('whose reader stands still costs no memory', async () => {
    const chunk = Buffer.alloc(256 * 1024);
    let sent = 0;
    const { port } = await panelWithUpstream((_, response) => {
      response.writeHead(200, { 'Content-Type': 'image/png' });
      const more = () => {
        while (!response.destroyed && sent < 400 * 2 ** 20) {
          sent += chunk.byteLength;
          if (!response.write(chunk)) {
            response.once('drain', more);
            return;
          }
        }
      };
      more();
    });
    const socket = connect({ host: '127.0.0.1', port });
    socket.write(`GET /api/comfy/view?filename=a HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    await pause(800);
    // What lies in sockets on the way, and not the 400 MB that ComfyUI would like to send.
    expect(sent).toBeLessThan(40 * 2 ** 20);
    socket.destroy();
  });
});
