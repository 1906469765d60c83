import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../../core/contract/manifest.ts';
import { type Heartbeat, heartbeatSchema, type RunState } from '../../../core/contract/state.ts';
import { writeState } from '../../../core/state/files.ts';
import { type StatePaths, statePaths } from '../../../core/state/paths.ts';
import { processStart } from '../../../guardian/host/procfs.ts';
import { temporaryFolder, testManifest } from './loopRig.ts';

const main = fileURLToPath(new URL('../../../guardian/main.ts', import.meta.url));

let folder: ReturnType<typeof temporaryFolder>;
let manifest: Manifest;
let paths: StatePaths;
let server: Server;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = temporaryFolder();
  server = createServer((_, response) => response.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const base = testManifest(folder.path, (service) => ({
    ...service,
    port: service.id === 'panel' ? port : null,
  }));
  // A panel over HTTP and the guardian itself.
  manifest = { ...base, services: base.services.filter(({ id }) => id !== 'comfyui') };
  delete manifest.$schema;
  paths = statePaths(manifest.paths.data);
  writeFileSync(join(folder.path, 'orchestrator.json'), JSON.stringify(manifest));
});

afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  server.closeAllConnections();
  server.close();
  folder[Symbol.dispose]();
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, 'exit');
  child.kill('SIGKILL');
  await over;
}

interface Running {
  readonly child: ChildProcess & { pid: number };
  lines(): { level: string; msg: string; service?: string }[];
  readonly over: Promise<number | null>;
}

function guardian(ipc = false): Running {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    env: {
      ...process.env,
      ORCHESTRATOR_MANIFEST: join(folder.path, 'orchestrator.json'),
      // Where there is no PowerShell nothing can be restarted, and all else goes on.
      ORCHESTRATOR_PWSH: join(folder.path, 'no-pwsh'),
      LOG_LEVEL: 'debug',
    },
    stdio: ['ignore', 'pipe', 'inherit', ...(ipc ? (['ipc'] as const) : [])],
  });
  children.push(child);
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  return {
    child: child as Running['child'],
    lines: () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    over: once(child, 'close').then(([code]) => code as number | null),
  };
}

async function until<T>(look: () => T | null | undefined | false, ms = 8000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${look}`);
    await sleep(20);
  }
}

function heartbeat(): Heartbeat | null {
  try {
    return heartbeatSchema.parse(JSON.parse(readFileSync(paths.guardian, 'utf8')));
  } catch {
    return null;
  }
}

const beating = ({ child }: Running) => until(() => heartbeat()?.processId === child.pid && heartbeat());
const said = (running: Running, pattern: RegExp) =>
  until(() => running.lines().find(({ msg }) => pattern.test(msg)));

async function service(): Promise<{ program: ChildProcess & { pid: number }; run: RunState }> {
  const program = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    stdio: 'ignore',
  }) as ChildProcess & {
    pid: number;
  };
  children.push(program);
  await once(program, 'spawn');
  const at = new Date().toISOString();
  const run: RunState = {
    version: 1,
    id: 'panel',
    state: 'Running',
    hostProcessId: process.pid,
    hostStart: processStart(process.pid),
    socket: '/none',
    processId: program.pid,
    processStart: processStart(program.pid),
    startedAt: at,
    endedAt: null,
    exitCode: null,
    signal: null,
    launches: 1,
    error: null,
    updatedAt: at,
  };
  await writeState(paths.run('panel'), run);
  await want('running', 1);
  return { program, run };
}

async function want(state: 'running' | 'stopped', generation: number): Promise<void> {
  const entry = { state, generation, at: new Date().toISOString(), by: 'operator' };
  await writeState(paths.desired, { version: 1, services: { panel: entry } });
}

describe('the program', () => {
  it.each(['SIGTERM', 'SIGINT', 'shutdown'] as const)(
    'begins with a line and ends within 2 s at %s',
    async (how) => {
      const running = guardian(how === 'shutdown');
      await beating(running);
      expect(running.lines()[0]?.msg).toMatch(/^guardian \d+\.\d+\.\d+ watches panel, guardian$/);
      await said(running, /^cycle 1: /);
      const begun = Date.now();
      if (how === 'shutdown') running.child.send('shutdown');
      else running.child.kill(how);
      expect(await running.over).toBe(0);
      expect(Date.now() - begun).toBeLessThan(2000);
      expect(heartbeat()?.processId).toBe(running.child.pid);
    },
  );

  it('ends with one plain line when another guardian is at work', async () => {
    const first = guardian();
    await beating(first);
    const second = guardian();
    expect(await second.over).toBe(1);
    const lines = second.lines().filter(({ level }) => level !== 'debug');
    expect(lines.map(({ msg }) => msg)).toEqual([
      `Another guardian, process ${first.child.pid}, is at work on ${manifest.paths.data}. This one ends.`,
    ]);
    expect(first.child.exitCode).toBeNull();
    expect(heartbeat()?.processId).toBe(first.child.pid);
  });

  it('takes over from one that was killed', async () => {
    const first = guardian();
    await beating(first);
    await kill(first.child);
    const second = guardian();
    await beating(second);
    expect(second.child.exitCode).toBeNull();
  });

  it('ends with the fault of a manifest that cannot be read', async () => {
    writeFileSync(join(folder.path, 'orchestrator.json'), '{"version": 1');
    const running = guardian();
    expect(await running.over).toBe(1);
    const fatal = running.lines().filter(({ level }) => level === 'fatal');
    expect(fatal).toHaveLength(1);
    expect(fatal[0]?.msg).toContain('ORC1002');
  });

  it('notices a killed program within 2 s, though nobody writes it down', async () => {
    const { program } = await service();
    const running = guardian();
    await until(() => heartbeat()?.services['panel']?.state === 'healthy');
    expect(heartbeat()?.services['panel']?.processId).toBe(program.pid);
    const begun = Date.now();
    program.kill('SIGKILL');
    await until(() => heartbeat()?.services['panel']?.state !== 'healthy');
    expect(Date.now() - begun).toBeLessThan(2000);
    // Without PowerShell: told loudly once, and no attempt is used up.
    await said(running, /could still not be carried out/);
    expect(
      running.lines().filter(({ msg }) => /panel: the restart could not be carried out/.test(msg)),
    ).toHaveLength(1);
    const cooling = await until(() => {
      const view = heartbeat()?.services['panel'];
      return view?.state === 'cooling' && view;
    });
    expect(cooling).toMatchObject({ attempts: 0, processId: null });
    const [file] = readdirSync(paths.incidentDir);
    expect(file).toMatch(/^\d{8}T\d{9}Z-panel\.json$/);
  });

  it('follows what its host writes, and what people want, at once', async () => {
    const { run } = await service();
    const running = guardian();
    await until(() => heartbeat()?.services['panel']?.state === 'healthy');
    const ended = {
      ...run,
      state: 'Exited',
      processId: null,
      processStart: null,
      exitCode: 3,
      updatedAt: new Date().toISOString(),
    };
    const begun = Date.now();
    await writeState(paths.run('panel'), ended);
    const line = await said(running, /panel: Restarting it, attempt 1 of 3: exited with code 3\./);
    expect(line).toMatchObject({ level: 'warn', service: 'panel' });
    expect(Date.now() - begun).toBeLessThan(1000);
    await want('stopped', 2);
    await until(() => heartbeat()?.services['panel']?.state === 'stopped', 1500);
    expect(heartbeat()?.services['panel']?.generation).toBe(2);
  });

  it('remembers over a kill -9 in the middle of a restart what it has tried', async () => {
    const { program } = await service();
    const first = guardian();
    await until(() => heartbeat()?.services['panel']?.state === 'healthy');
    await kill(first.child);
    await kill(program);
    const beat = heartbeat() as Heartbeat;
    const since = new Date().toISOString();
    const hold = { processId: null, until: new Date(Date.now() + 30_000).toISOString() };
    const panel = { ...beat.services['panel'], state: 'restarting', since, attempts: 2, hold };
    await writeState(paths.guardian, { ...beat, services: { ...beat.services, panel } });
    const second = guardian();
    await beating(second);
    await sleep(1500);
    expect(heartbeat()?.services['panel']).toMatchObject({ state: 'restarting', attempts: 2, hold });
    expect(second.lines().filter(({ msg }) => /Restarting|carried out/.test(msg))).toEqual([]);
  });

  it('goes on without the history when it is damaged, and keeps the damaged one', async () => {
    mkdirSync(manifest.paths.data, { recursive: true });
    writeFileSync(paths.history, 'no database at all '.repeat(500));
    const running = guardian();
    await said(running, /^cycle 1: /);
    await said(running, /history.db was damaged and moved to/);
    const aside = readdirSync(manifest.paths.data).find((name) => name.startsWith('history.db.damaged-'));
    expect(aside).toBeDefined();
    expect(existsSync(paths.history)).toBe(true);
  });
});
