import { type ChildProcess, spawn } from 'node:child_process';
import { rm, symlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Manifest } from '../../../core/contract/manifest.ts';
import { ask, openEvents } from './panelUnderTest.ts';
import { scenes } from './scenes.ts';
import { createStateFolder } from './stateFolder.ts';

interface Program {
  readonly child: ChildProcess;
  readonly port: number;
  readonly out: () => string;
  readonly err: () => string;
  /** Exit code and how long after `since` it came. */
  exit(since: number): Promise<{ code: number | null; ms: number }>;
}

function take(port: number, host: string): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, host, () => resolve(server));
  });
}

async function freePort(): Promise<number> {
  const server = await take(0, '127.0.0.1');
  const address = server?.address();
  await new Promise((resolve) => server?.close(resolve));
  if (!address || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** The program as a service host starts it. */
async function startProgram({
  env = {},
  change,
  port,
  wait = true,
  built = true,
}: {
  env?: Readonly<Record<string, string>>;
  change?: (manifest: Manifest) => Manifest;
  port?: number;
  wait?: boolean;
  /** Without it the project looks as before its build. */
  built?: boolean;
} = {}): Promise<Program> {
  const chosen = port ?? (await freePort());
  const folder = await createStateFolder({ port: chosen, ...(change && { change }) });
  await scenes.healthy?.(folder);
  if (built) await symlink(resolve('dist'), join(folder.dataDir, 'dist'), 'junction');
  const child = spawn(process.execPath, ['--max-semi-space-size=1', join('web', 'server', 'main.ts')], {
    env: {
      PATH: process.env.PATH,
      ORCHESTRATOR_MANIFEST: folder.manifestPath,
      ORCHESTRATOR_SERVICE_ID: 'panel',
      // Away from the project's own .env.local.
      ORCHESTRATOR_ROOT: folder.dataDir,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder.dataDir, { recursive: true, force: true });
  });
  if (wait) await expect.poll(() => out, { timeout: 10_000 }).toContain('panel listens');
  return {
    child,
    port: chosen,
    out: () => out,
    err: () => err,
    async exit(since) {
      const code = await ended;
      return { code, ms: performance.now() - since };
    },
  };
}

describe('the program', () => {
  test.each(['SIGTERM', 'SIGINT', 'shutdown'] as const)(
    'stops politely on %s, with open streams',
    async (how) => {
      const program = await startProgram();
      const stream = await openEvents(program.port);
      await stream.next('status');
      const began = performance.now();
      if (how === 'shutdown') program.child.send('shutdown');
      else program.child.kill(how);
      await stream.next('bye');
      await stream.end();
      const { code, ms } = await program.exit(began);
      expect(code).toBe(0);
      expect(ms).toBeLessThan(1000);
      expect(program.err()).toBe('');
    },
  );

  test('logs one line of JSON for each action, without what was sent', async () => {
    const program = await startProgram();
    const reply = await ask(program.port, '/api/system/nope/start?token=abc', {
      method: 'POST',
      headers: { authorization: 'Bearer abc' },
    });
    expect(reply.status).toBe(404);
    await expect.poll(program.out).toContain('"path":"/api/system/nope/start"');
    const line =
      program
        .out()
        .split('\n')
        .find((text) => text.includes('"status":404')) ?? '';
    expect(JSON.parse(line)).toMatchObject({
      method: 'POST',
      status: 404,
      requestId: reply.headers['x-request-id'],
    });
    expect(program.out()).not.toContain('abc');
  });

  test('before the build it says what is missing', async () => {
    const program = await startProgram({ built: false });
    for (const [path, method] of [
      ['/', 'GET'],
      ['/api/system/comfy/start', 'POST'],
    ] as const) {
      const reply = await ask(program.port, path, { method });
      expect(reply.json()).toMatchObject({ code: 'ORC2014', fix: 'Run: npm run build' });
    }
    expect((await ask(program.port, '/api/status')).status).toBe(200);
  });

  test.each(['127.0.0.1', '::1'])('a port that is taken on %s ends it with one plain line', async (host) => {
    const port = await freePort();
    const holder = await take(port, host);
    if (!holder) return;
    onTestFinished(() => new Promise((resolve) => holder.close(() => resolve())));
    const program = await startProgram({ port, wait: false });
    const { code } = await program.exit(0);
    expect(code).toBe(1);
    expect(program.err().trim().split('\n')).toHaveLength(1);
    expect(program.err()).toMatch(new RegExp(`^ORC2002: Port ${port} for Orchestrator Panel is taken`));
  });

  test('an address that others can reach needs a token, then works with it', async () => {
    const change = (manifest: Manifest): Manifest => ({
      ...manifest,
      services: manifest.services.map((service) =>
        service.id === 'panel' ? { ...service, host: '0.0.0.0' } : service,
      ),
    });
    const open = await startProgram({ change, wait: false });
    expect(await open.exit(0)).toMatchObject({ code: 1 });
    expect(open.err()).toMatch(/^ORC4007: The panel refuses to listen on 0\.0\.0\.0\./);
    expect(open.err().trim().split('\n')).toHaveLength(1);
    const closed = await startProgram({ change, env: { ORCHESTRATOR_TOKEN: 'operator-token-of-a-test' } });
    expect((await ask(closed.port, '/api/status')).status).toBe(401);
    const headers = { authorization: 'Bearer operator-token-of-a-test' };
    expect((await ask(closed.port, '/api/status', { headers })).status).toBe(200);
    expect((await ask(closed.port, '/api/health')).status).toBe(200);
    await pause(50);
    expect(closed.out()).not.toContain('operator-token');
  });

  test('a manifest that is not there or not valid ends it with one plain line', async () => {
    const program = await startProgram({ env: { ORCHESTRATOR_MANIFEST: '/not/there.json' }, wait: false });
    expect(await program.exit(0)).toMatchObject({ code: 1 });
    expect(program.err()).toMatch(/^ORC1001: /);
    expect(program.err().trim().split('\n')).toHaveLength(1);
  });
});
