import { createHash, randomBytes } from 'node:crypto';
import { request as startRequest } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../freePort.ts';
import { until } from '../../until.ts';
import { panelWithComfy, panelWithUpstream } from './comfyUnderTest.ts';
import { ask } from './panelUnderTest.ts';

const hash = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

interface Sent {
  readonly status: number;
  readonly body: Buffer;
}

async function* pieces(body: Buffer, gapMs: number): AsyncIterable<Buffer> {
  const step = gapMs > 0 ? Math.ceil(body.byteLength / 6) : 65_536;
  for (let at = 0; at < body.byteLength; at += step) {
    yield body.subarray(at, at + step);
    if (gapMs > 0) await pause(gapMs);
  }
}

/** Sends a body as a client that goes on sending until it is answered; `length` announces it, else it comes in chunks. */
function upload(
  port: number,
  path: string,
  { body, announced, gapMs = 0 }: { body: Buffer; announced: boolean; gapMs?: number },
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const headers = {
      host: `localhost:${port}`,
      'content-type': 'multipart/form-data; boundary=x',
      ...(announced && { 'content-length': body.byteLength }),
    };
    const outgoing = startRequest(
      { host: '127.0.0.1', port, path, method: 'POST', headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('end', () => {
          outgoing.destroy();
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) });
        });
        response.once('error', reject);
      },
    );
    outgoing.once('error', reject);
    Readable.from(pieces(body, gapMs)).pipe(outgoing);
  });
}

describe.each([
  ['announced', true],
  ['in chunks', false],
] as const)('an upload %s', (_, announced) => {
  test('to a ComfyUI that is down is answered, not cut off', async () => {
    const { port } = await panelWithComfy(await freePort());
    const { status, body } = await upload(port, '/api/comfy/upload/image', {
      body: randomBytes(20 * 2 ** 20),
      announced,
    });
    expect(status).toBe(502);
    expect(JSON.parse(body.toString()).code).toBe('ORC4030');
    expect((await ask(port, '/api/health')).status).toBe(200);
  });

  test('that ComfyUI refuses before it is through is answered with its own words', async () => {
    // As aiohttp does it: an answer at once, and reading on for a while, so that the answer is not lost.
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        const text = 'Maximum request body size exceeded';
        socket.write(
          `HTTP/1.1 413 Too Large\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`,
        );
        setTimeout(() => socket.end(), 300).unref();
      });
      socket.resume();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = await panelWithComfy((server.address() as AddressInfo).port);
    const { status, body } = await upload(port, '/api/comfy/upload/image', {
      body: randomBytes(20 * 2 ** 20),
      announced,
    });
    expect(status).toBe(413);
    expect(body.toString()).toBe('Maximum request body size exceeded');
  });

  test('of 8 MB arrives byte for byte, and so does the answer', async () => {
    const { port } = await panelWithUpstream((request, response) => {
      response.writeHead(200, { 'Content-Type': 'image/png' });
      request.pipe(response);
    });
    const data = randomBytes(8 * 2 ** 20);
    const { status, body } = await upload(port, '/api/comfy/upload/image', { body: data, announced });
    expect(status).toBe(200);
    expect(hash(body)).toBe(hash(data));
  });

  test('slower than the time that ComfyUI has for an answer goes through', async () => {
    const { port } = await panelWithUpstream(
      (request, response) => {
        let length = 0;
        request.on('data', (chunk: Buffer) => {
          length += chunk.byteLength;
        });
        request.once('end', () => response.end(String(length)));
      },
      { limits: { comfyMs: 1000 } },
    );
    const sent = await upload(port, '/api/comfy/upload/image', {
      body: randomBytes(60_000),
      announced,
      gapMs: 500,
    });
    expect(sent).toEqual({ status: 200, body: Buffer.from('60000') });
  });

  test('whose sender leaves is not finished at ComfyUI', async () => {
    let ended = false;
    let cut = false;
    const { port } = await panelWithUpstream((request) => {
      request.resume().once('end', () => {
        ended = true;
      });
      request.once('close', () => {
        cut = !request.complete;
      });
    });
    const socket = connect({ host: '127.0.0.1', port });
    const how = announced ? 'Content-Length: 100000' : 'Transfer-Encoding: chunked';
    socket.write(
      `POST /api/comfy/upload/image HTTP/1.1\r\nHost: localhost:${port}\r\n${how}\r\n\r\n5\r\nabcde\r\n`,
    );
    await pause(200);
    socket.destroy();
    await until('ComfyUI to be let go', () => cut, { timeoutMs: 3000 });
    expect(ended).toBe(false);
    expect((await ask(port, '/api/health')).status).toBe(200);
  });

  test('that ComfyUI does not read is not read from its sender either', async () => {
    const { port } = await panelWithUpstream((request) => void request.pause());
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    const how = announced ? `Content-Length: ${90 * 2 ** 20}` : 'Transfer-Encoding: chunked';
    socket.write(`POST /api/comfy/upload/image HTTP/1.1\r\nHost: localhost:${port}\r\n${how}\r\n\r\n`);
    const chunk = Buffer.alloc(2 ** 20);
    const piece = announced ? chunk : Buffer.concat([Buffer.from('100000\r\n'), chunk, Buffer.from('\r\n')]);
    let taken = 0;
    const more = () => {
      while (!socket.destroyed && taken < 80) {
        taken += 1;
        if (!socket.write(piece)) {
          socket.once('drain', more);
          return;
        }
      }
    };
    more();
    await pause(800);
    expect(taken).toBeLessThan(40);
    socket.destroy();
  });
});

describe('limits', () => {
  test.each([true, false])('a command that is too large is refused (announced: %s)', async (announced) => {
    let seen = '';
    const { port } = await panelWithUpstream((request, response) => {
      request.on('data', (chunk) => {
        seen += chunk;
      });
      request.once('end', () => response.end('done'));
    });
    for (const path of ['/api/comfy/interrupt', '/api/comfy/queue']) {
      const { status, body } = await upload(port, path, { body: Buffer.alloc(200_000, 32), announced });
      expect(status, path).toBe(413);
      expect(JSON.parse(body.toString()).code).toBe('ORC4004');
    }
    expect(seen.length).toBeLessThan(200_000);
  });

  test('a job of more than 16 MiB is refused, one a little smaller is not', async () => {
    let received = 0;
    const { port } = await panelWithUpstream((request, response) => {
      request.on('data', (chunk: Buffer) => {
        received += chunk.byteLength;
      });
      request.once('end', () => response.end('{}'));
    });
    const job = (size: number) => {
      const text = JSON.stringify({ prompt: { 1: { class_type: 'A', inputs: { text: '' } } } });
      return Buffer.from(text.replace('""', `"${'a'.repeat(size - text.length)}"`));
    };
    const limit = 16 * 2 ** 20;
    for (const announced of [true, false]) {
      const large = await upload(port, '/api/comfy/prompt', { body: job(limit + 1), announced });
      expect(large.status).toBe(413);
    }
    expect(received).toBe(0);
    expect((await upload(port, '/api/comfy/prompt', { body: job(limit), announced: true })).status).toBe(200);
    expect(received).toBe(limit);
  });

  test('a POST without a body is one', async () => {
    const seen: string[] = [];
    const { port } = await panelWithUpstream((request, response) => {
      request.resume().once('end', () => {
        seen.push(`${request.method} ${request.url}`);
        response.end();
      });
    });
    expect((await ask(port, '/api/comfy/interrupt', { method: 'POST' })).status).toBe(200);
    const empty = { method: 'POST', headers: { 'content-length': '0' } };
    expect((await ask(port, '/api/comfy/free', empty)).status).toBe(200);
    expect(seen).toEqual(['POST /interrupt', 'POST /free']);
  });
});

describe('a ComfyUI that takes its time', () => {
  const limits = { comfyMs: 1000 };

  test('and never begins an answer: 504 with the state of its service', async () => {
    let left = false;
    const { port } = await panelWithUpstream(
      (_, response) => {
        response.once('close', () => {
          left = true;
        });
      },
      { limits },
    );
    for (const [method, path, body] of [
      ['GET', 'queue'],
      ['POST', 'prompt', '{"prompt":{}}'],
      ['POST', 'interrupt'],
    ] as const) {
      const answer = await ask(port, `/api/comfy/${path}`, { method, ...(body && { body }) });
      expect(answer.status, path).toBe(504);
      expect(answer.json()).toMatchObject({ code: 'ORC4031', why: expect.stringMatching(/\S+: \S/) });
      expect(answer.json().fix).not.toBe('');
    }
    await until('ComfyUI to be let go', () => left, { timeoutMs: 3000 });
  }, 20_000);

  test('but goes on answering is heard to the end, however long it takes', async () => {
    const { port } = await panelWithUpstream(
      (_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/plain' });
        let count = 0;
        const timer = setInterval(() => {
          count += 1;
          response.write('.');
          if (count === 12) {
            clearInterval(timer);
            response.end();
          }
        }, 250);
      },
      { limits },
    );
    expect((await ask(port, '/api/comfy/view?filename=a')).text).toBe('.'.repeat(12));
  }, 20_000);

  test('and stops in the middle is cut off', async () => {
    const { port } = await panelWithUpstream((_, response) => void response.write('half'), { limits });
    await expect(ask(port, '/api/comfy/view?filename=a')).rejects.toThrow();
  }, 20_000);

  test('whose reader stands still longer than that is not cut off', async () => {
    const data = randomBytes(30 * 2 ** 20);
    const { port } = await panelWithUpstream((_, response) => void response.end(data), { limits });
    const response = await fetch(`http://localhost:${port}/api/comfy/view?filename=a`);
    await pause(3000);
    expect(hash(new Uint8Array(await response.arrayBuffer()))).toBe(hash(data));
  }, 20_000);
});
