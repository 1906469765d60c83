import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostResponseSchema } from '../../../core/contract/hostProtocol.ts';
import { bundlePrograms, exchange, type Programs, Rig } from './hostRig.ts';

let programs: Programs;
let rig: Rig;
let host: number;

beforeAll(async () => {
  programs = await bundlePrograms();
  rig = await Rig.create(programs);
  host = await rig.launchReady();
});
afterAll(async () => {
  await rig.dispose();
  await rm(programs.folder, { recursive: true, force: true });
});

const refusal = async (bytes: string | Buffer, options = {}) =>
  hostResponseSchema.parse(JSON.parse(await exchange(rig.socket, bytes, options)));

describe('a request that is not one', () => {
  it.each([
    ['no JSON', 'hello\n'],
    ['an empty line', '\n'],
    ['no object', '[1]\n'],
    ['null', 'null\n'],
    ['an unknown verb', '{"verb":"dance"}\n'],
    ['a name of every object', '{"verb":"constructor"}\n'],
    ['an unknown key', '{"verb":"query","more":1}\n'],
    ['a missing key', '{"verb":"stop","timeoutMs":1}\n'],
    ['a negative time', '{"verb":"stop","timeoutMs":-1,"release":false}\n'],
    ['a broken spec', '{"verb":"start","spec":{"id":"probe"}}\n'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x0a])],
  ])('is refused: %s', async (_, bytes) => {
    const answer = await refusal(bytes);
    expect(answer).toMatchObject({ ok: false, error: { code: 'ORC4005' } });
    expect(answer.run).toMatchObject({ hostProcessId: host, state: 'Stopped' });
  });

  it('is refused past 1 MB', async () => {
    const answer = await refusal(`{"verb":"${'x'.repeat(1_100_000)}`);
    expect(answer.error?.message).toMatch(/1 MB/);
  });

  it('is refused when it ends without a line end and is not whole', async () => {
    expect((await refusal('{"verb":"que', { end: true })).error?.code).toBe('ORC4005');
  });

  it('is dropped after 5 s when it never comes', async () => {
    const began = performance.now();
    const silent = exchange(rig.socket, '');
    const slow = exchange(rig.socket, '{"verb":');
    expect(await silent).toBe('');
    expect(await slow).toBe('');
    expect(performance.now() - began).toBeGreaterThan(4900);
    expect(performance.now() - began).toBeLessThan(6500);
  });
});

describe('a request that is one', () => {
  it('is taken with a byte order mark, in pieces, and without a line end when the client has closed its side', async () => {
    expect((await refusal('\uFEFF{"verb":"query"}\r\n')).ok).toBe(true);
    expect((await refusal('{"verb":"query"}', { end: true })).ok).toBe(true);
    const text = await new Promise<string>((resolve) => {
      const socket = connect(rig.socket, async () => {
        for (const piece of ['{"ve', 'rb":"qu', 'ery"}\n']) {
          socket.write(piece);
          await new Promise((next) => setTimeout(next, 20));
        }
      });
      socket.once('data', (data) => resolve(data.toString()));
    });
    expect(JSON.parse(text)).toMatchObject({ ok: true });
  });

  it('is carried out although the client leaves at once', async () => {
    const before = await rig.start();
    await new Promise<void>((resolve) => {
      const socket = connect(rig.socket, () => {
        socket.write('{"verb":"stop","timeoutMs":1000,"release":false}\n', () => socket.destroy());
      });
      socket.once('close', () => resolve());
    });
    await expect.poll(async () => (await rig.run())?.state).toBe('Stopped');
    const { processId, hostProcessId } = await rig.start();
    expect(processId).not.toBe(before.processId);
    expect(hostProcessId).toBe(host);
    await rig.stop();
  });
});
