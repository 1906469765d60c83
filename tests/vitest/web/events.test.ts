import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { systemStatusSchema } from '../../../core/status/picture.ts';
import { openEvents, startTestPanel } from './panelUnderTest.ts';
import { incidentFile, viewFile } from './stateFolder.ts';

describe('events', () => {
  test('begin with who is asking and the whole picture', async () => {
    const { port } = await startTestPanel();
    const stream = await openEvents(port);
    expect(stream.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect((await stream.next('hello')).data).toEqual({ self: 'panel', signIn: false, role: 'operator' });
    const { data } = await stream.next('status');
    expect(systemStatusSchema.parse(data).overall).toBe('healthy');
  });

  test('bring a change within half a second, in the language of the reader', async () => {
    const { port, folder } = await startTestPanel();
    const stream = await openEvents(port, { 'accept-language': 'ru' });
    await stream.next('status');
    const began = performance.now();
    await folder.run('comfyui', { state: 'Exited', processId: null, exitCode: 3 });
    const { data, at } = await stream.next('status');
    expect(at - began).toBeLessThan(500);
    expect(data.services[1]).toMatchObject({
      state: 'Stopped',
      health: 'unhealthy',
      reason: 'Завершилась с кодом 3.',
    });
  });

  test('tell of a death that no file tells of', async () => {
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const { port, folder } = await startTestPanel();
    await folder.run('comfyui', { processId: child.pid ?? 0, processStart: null });
    const stream = await openEvents(port);
    await stream.next('status');
    child.kill('SIGKILL');
    const { data } = await stream.next('status', 3000);
    expect(data.services[1]).toMatchObject({
      state: 'Stopped',
      health: 'unhealthy',
      reason: `Its process ${child.pid} is gone.`,
    });
  });

  test('come at most five times a second, the newest last', async () => {
    const { port, folder } = await startTestPanel();
    const stream = await openEvents(port);
    await stream.next('status');
    for (let code = 1; code <= 40; code += 1) {
      await folder.run('comfyui', { state: 'Exited', processId: null, exitCode: code });
      await pause(15);
    }
    await pause(500);
    const statuses = stream.events.filter(({ name }) => name === 'status');
    expect(statuses.at(-1)?.data.services[1].exitCode).toBe(40);
    expect(statuses.length).toBeGreaterThan(2);
    for (const [index, event] of statuses.entries()) {
      const before = statuses[index - 1];
      if (before) expect(event.at - before.at).toBeGreaterThan(150);
    }
  });

  test('say nothing when only time has passed', async () => {
    const { port, folder } = await startTestPanel();
    const heartbeat = { services: { panel: viewFile(), comfyui: viewFile() } };
    await folder.heartbeat(heartbeat);
    const stream = await openEvents(port);
    await stream.next('status');
    for (let beat = 0; beat < 4; beat += 1) {
      await pause(100);
      await folder.heartbeat({ ...heartbeat, at: new Date().toISOString(), cycle: beat });
    }
    await pause(1200);
    expect(stream.events.map(({ name }) => name)).toEqual(['hello', 'status']);
  });

  test('bring an incident by itself, beside the picture', async () => {
    const { port, folder } = await startTestPanel();
    const stream = await openEvents(port);
    await stream.next('status');
    await folder.heartbeat({ incidents: [incidentFile({ id: 'new', cause: 'no answer for 12 s' })] });
    expect((await stream.next('incident')).data).toMatchObject({ id: 'new', cause: 'no answer for 12 s' });
  });

  test('end with a goodbye when the panel stops, at once', async () => {
    const { port, panel } = await startTestPanel();
    const streams = await Promise.all([openEvents(port), openEvents(port), openEvents(port)]);
    for (const stream of streams) await stream.next('status');
    const began = performance.now();
    await panel.close();
    expect(performance.now() - began).toBeLessThan(1000);
    for (const stream of streams) {
      await stream.next('bye');
      await stream.end();
    }
  });
});

describe('a reader that takes nothing', () => {
  test('costs no more than what its socket holds, and finds the newest picture when it reads again', async () => {
    const { port, folder } = await startTestPanel();
    const evidence = ['x'.repeat(1_000_000)];
    const change = (cause: string) =>
      folder.heartbeat({ incidents: [incidentFile({ id: 'large', cause, evidence })] });
    await change('cause 0');
    const socket = connect({ host: '127.0.0.1', port });
    socket.write(`GET /api/events HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    const other = await openEvents(port);
    await other.next('status');
    const changes = 18;
    for (let number = 1; number <= changes; number += 1) {
      await change(`cause ${number}`);
      await other.next('status');
    }
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.resume();
    await expect.poll(() => text.includes(`"cause":"cause ${changes}"`), { timeout: 5000 }).toBe(true);
    await pause(300);
    socket.destroy();
    // The kernel's buffers take some megabytes; of the rest the panel has kept the newest only.
    const came = text.match(/event: status/g)?.length ?? 0;
    expect(came).toBeGreaterThan(0);
    expect(came).toBeLessThan(changes / 2);
  });
});
