import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type Demo, finished, Listener, startDemo, submit } from './demo-server.ts';

const MAIN = fileURLToPath(new URL('../../../comfyui-demo/main.ts', import.meta.url));
const IMAGE = {
  1: { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: 1 } },
  2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'a' } },
};
const LONG = {
  1: { class_type: 'TestSteps', inputs: { steps: 1000, seconds: 10, preview: false, seed: 1 } },
  2: { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
};

/** Runs the program to its end. */
async function runToEnd(args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args]);
  let [out, error] = ['', ''];
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stderr.on('data', (data) => {
    error += data;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, error };
}

let running: Demo[] = [];
async function start(...args: string[]): Promise<Demo> {
  const demo = await startDemo(args);
  running.push(demo);
  return demo;
}
afterEach(async () => {
  await Promise.all(running.map((demo) => demo.stop()));
  running = [];
});

/** Whether an answer comes within a while. */
const answers = (demo: Demo, ms = 400): Promise<boolean> =>
  demo.get('/queue', { signal: AbortSignal.timeout(ms) }).then(
    () => true,
    () => false,
  );

describe('the command line', () => {
  it('explains itself', async () => {
    const { code, out } = await runToEnd(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('--crash-after');
    expect(out).toContain('It has no models.');
  });

  it.each([
    [['--no-such-flag'], 'unrecognized arguments: --no-such-flag'],
    [['--port', 'high'], "argument --port: invalid int value: 'high'"],
    [['--port', '70000'], "argument --port: invalid int value: '70000'"],
    [
      ['--as', '9.9'],
      "argument --as: invalid choice: '9.9' (choose from '2023-12', '0.3.12', '0.3.64', '0.8.0')",
    ],
    [['word'], 'unrecognized arguments: word'],
  ])('refuses %j with exit code 2', async (args, message) => {
    const { code, out, error } = await runToEnd(args);
    expect([code, out]).toEqual([2, '']);
    expect(error).toMatch(/^usage: main\.ts /);
    expect(error).toContain(`main.ts: error: ${message}`);
  });

  it('takes the flags of a real start', async () => {
    const demo = await start(
      ...['--windows-standalone-build', '--disable-auto-launch', '--listen', '--lowvram', '--verbose'],
      ...['--reserve-vram', '1.5', '--enable-cors-header', '--max-upload-size', '1'],
    );
    expect(demo.log()).toContain('To see the GUI go to: http://0.0.0.0:');
    const response = await demo.get('/queue', { headers: { Origin: 'http://other.example' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const large = await demo.post('/prompt', 'x'.repeat(1024 * 1024 + 1));
    expect([large.status, await large.text()]).toEqual([
      413,
      expect.stringContaining('Maximum request body size'),
    ]);
  });

  it.each([
    ['0.8.0', /^Port (\d+) is already in use on address 127\.0\.0\.1\. Please close/m],
    ['0.3.64', /^OSError: \[Errno \d+\] error while attempting to bind/m],
  ])('ends with 1 when the port is taken, as %s says it', async (version, message) => {
    const demo = await start();
    const { code, error } = await runToEnd([
      '--port',
      String(demo.port),
      '--as',
      version,
      '--base-directory',
      demo.folder,
    ]);
    expect(code).toBe(1);
    expect(error).toMatch(message);
    expect(await answers(demo)).toBe(true);
  });
});

describe('stopping', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with 0 within a second on %s, whatever is open',
    async (signal) => {
      const demo = await start('--test-nodes');
      const listener = new Listener(demo, 'c');
      const idle = connect(demo.port, '127.0.0.1');
      await once(idle, 'connect');
      await submit(demo, LONG, { client_id: 'c' });
      await listener.until((message) => 'type' in message && message.type === 'executing');
      const from = Date.now();
      demo.process.kill(signal);
      expect(await demo.exited).toEqual({ code: 0, signal: null });
      expect(Date.now() - from).toBeLessThan(1000);
      expect(demo.log()).toMatch(/Stopped server\n$/);
      idle.destroy();
      listener.close();
    },
  );

  it('ends on the message "shutdown" of its parent, and leaves no temporary file', async () => {
    const demo = await startDemo([], { ipc: true });
    running.push(demo);
    const { prompt_id: id } = await submit(demo, {
      ...IMAGE,
      2: { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
    });
    await finished(demo, id);
    expect(readdirSync(join(demo.folder, 'temp'))).toHaveLength(1);
    demo.process.send('shutdown');
    expect(await demo.exited).toEqual({ code: 0, signal: null });
    expect(existsSync(join(demo.folder, 'temp'))).toBe(false);
  });
});

describe('misbehaviour', () => {
  it('crashes after so many jobs, with the code asked for', async () => {
    const demo = await start('--crash-after', '2', '--exit-code', '77');
    await finished(demo, (await submit(demo, IMAGE)).prompt_id);
    await submit(demo, IMAGE);
    expect(await demo.exited).toEqual({ code: 77, signal: null });
  });

  it('hangs after so many jobs: sockets are taken, nothing is answered, and a cue ends it', async () => {
    const demo = await start('--hang-after', '1');
    expect(await answers(demo)).toBe(true);
    await submit(demo, IMAGE);
    while (!demo.log().includes('Prompt executed')) await wait(5);
    expect(await answers(demo)).toBe(false);
    const socket = connect(demo.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    expect((await demo.post('/demo/cue', { do: 'ok' })).status).toBe(200);
    expect(await answers(demo)).toBe(true);
  });

  it('starts late and answers slowly when told to', async () => {
    const from = Date.now();
    const demo = await start('--start-delay', '300', '--slow', '200');
    expect(Date.now() - from).toBeGreaterThan(300);
    const asked = Date.now();
    expect(await answers(demo, 5000)).toBe(true);
    expect(Date.now() - asked).toBeGreaterThanOrEqual(195);
  });

  it('fails the class named at the start, and no other', async () => {
    const demo = await start('--fail-node', 'SaveImage');
    const entry = await finished(demo, (await submit(demo, IMAGE)).prompt_id);
    const [, error] = entry.status.messages.find(([type]) => type === 'execution_error') ?? [];
    expect(error).toMatchObject({
      node_id: '2',
      node_type: 'SaveImage',
      executed: ['1'],
      exception_type: 'RuntimeError',
    });
  });

  it('obeys cues while it runs', async () => {
    const demo = await start();
    const cue = async (body: unknown) => (await demo.post('/demo/cue', body)).status;
    const outcome = async (color: number) => {
      const graph = { ...IMAGE, 1: { ...IMAGE[1], inputs: { ...IMAGE[1].inputs, color } } };
      const entry = await finished(demo, (await submit(demo, graph)).prompt_id);
      return entry.status.messages.at(-1)?.[1].exception_type ?? entry.status.status_str;
    };
    expect(await cue({ do: 'oom', node: 'EmptyImage' })).toBe(200);
    expect(await outcome(2)).toBe('torch.OutOfMemoryError');
    expect(demo.log()).toContain('Got an OOM, unloading all loaded models.');
    expect(await cue({ do: 'ok' })).toBe(200);
    expect(await outcome(3)).toBe('success');
    expect(await cue({ do: 'fail' })).toBe(200);
    expect(await outcome(4)).toBe('RuntimeError');
    expect(await cue({ do: 'dance' })).toBe(400);
    expect(await cue({ do: 'crash', code: 3 })).toBe(200);
    expect(await demo.exited).toEqual({ code: 3, signal: null });
  });

  it('logs as a real server does', async () => {
    const demo = await start();
    await finished(demo, (await submit(demo, IMAGE)).prompt_id);
    await demo.post('/prompt', { prompt: {} });
    const broken = { 2: { class_type: 'SaveImage', inputs: { filename_prefix: 'x' } } };
    await demo.post('/prompt', { prompt: broken });
    expect(demo.log()).toMatch(/^Starting server\n\nTo see the GUI go to: http:\/\/127\.0\.0\.1:\d+$/m);
    expect(demo.log()).toMatch(/^got prompt\nPrompt executed in 0\.\d\d seconds$/m);
    expect(demo.log()).toMatch(/^invalid prompt: \{'type': 'prompt_no_outputs'/m);
    expect(demo.log()).toMatch(
      /^Failed to validate prompt for output 2:\n\* SaveImage 2:\n {2}- Required input is missing: images\nOutput will be ignored$/m,
    );
  });
});
