import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { callDetached } from '../../../core/bridge/detached.ts';
import { killTree } from '../../../core/bridge/processTree.ts';
import { cmdlets, isAlive, modulePath, pwsh, root, until } from './fixture.ts';

// Each start of PowerShell takes a second or two, more on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const launcher = join(root, 'guardian', 'host', 'launch.ts');
const fakes = join(root, 'tests', 'fakes', 'bridge');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bridge-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('nothing that happens to PowerShell ends the program, and NODE_POWERSHELL does not choose another one', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(fakes, 'misfortune.ts')], {
    env: { ...process.env, DEBUG: '*', NODE_POWERSHELL: '/bin/false' },
  });
  // Under DEBUG the library would print every command.
  expect(stdout + stderr).not.toContain('Invoke-BridgeRequest');
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({
    '/nowhere/pwsh': 'ORC3005',
    '/bin/false': 'ORC3005',
    '/bin/true': 'ORC3005',
    '/etc/passwd': 'ORC3005',
    'killed at the moment of a call': 'ORC3005',
    'the next': 'done',
    'after a death while idle': 'done',
    'exit inside': 'ORC3005',
    'disposed in a call': 'ORC3005',
    'disposed in the queue': 'ORC3005',
  });
});

describe('a detached call', () => {
  test('outlives its caller and is not in its tree', async () => {
    const mark = join(folder, 'mark');
    const caller = spawn(process.execPath, [join(fakes, 'detacher.ts'), launcher, mark], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(caller, 'exit');
    await once(caller.stdout, 'data');
    await killTree(caller.pid ?? 0, { pwsh });
    await ended;
    expect(existsSync(mark)).toBe(false);
    await until(() => existsSync(mark), 30_000);
    const pid = Number(await readFile(mark, 'utf8'));
    await until(async () => !(await isAlive(pid)));
  });

  test('is refused like any other, before anything is started', async () => {
    const options = { pwsh, root, env: process.env, launcher: '/nowhere/launch.js', cmdlets, modulePath };
    const code = (cmdlet: string, params: object) =>
      callDetached({ ...options, cmdlet, params } as never).then(
        () => 'done',
        (error: { code: string }) => error.code,
      );
    expect(await code('Get-Process', {})).toBe('ORC3002');
    expect(await code('Set-FakeMark', { Path: 'x', Seconds: 1, Verbose: true })).toBe('ORC3003');
    expect(await code('Set-FakeMark', { Path: 'x'.repeat(20_000), Seconds: 1 })).toBe('ORC3003');
    expect(await code('Set-FakeMark', { Path: 'x', Seconds: 1 })).toBe('ORC3005');
  });
});

describe('a detached call that fails', () => {
  test.each([
    ['there is no launcher', '/nowhere/launch.js', pwsh, root],
    ['there is no PowerShell', launcher, '/nowhere/pwsh', root],
    ['there is no folder to run in', launcher, pwsh, '/nowhere'],
  ])('because %s, tells nothing of the request', async (_, launch, shell, folderOfRoot) => {
    const Path = 'words of a person';
    const error = await callDetached({
      ...{ pwsh: shell, root: folderOfRoot, env: process.env, launcher: launch, cmdlets, modulePath },
      cmdlet: 'Set-FakeMark',
      params: { Path, Seconds: 1 },
    }).then(
      () => null,
      (reason: unknown) => reason as Error & { code: string },
    );
    expect(error?.code).toBe('ORC3005');
    const told = inspect(error, { depth: 9 });
    // Base64 of any of it is longer than this; a stack is not in base64.
    expect(told).not.toMatch(/[A-Za-z0-9+/]{80}/);
    expect(error?.message.length).toBeLessThan(200);
    expect(told).not.toContain(Path);
  });
});

describe('a tree of processes', () => {
  test('is ended whole, also below one that ignores signals', async () => {
    const script = 'trap "" TERM INT HUP; sh -c "trap \\"\\" TERM; sleep 300 & echo \\$!; wait" & wait';
    const shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [output] = (await once(shell.stdout, 'data')) as [Buffer];
    const grandchild = Number(output.toString());
    expect(await isAlive(grandchild)).toBe(true);
    await killTree(shell.pid ?? 0, { pwsh });
    await until(async () => !(await isAlive(grandchild)) && !(await isAlive(shell.pid ?? 0)));
  });

  test.each([0, -1, Number.NaN])('of no process is nobody: %d', async (pid) => {
    // In a process of its own, since a mistake would take this one along.
    const source = `import { killTree } from '${root}/core/bridge/processTree.ts'; await killTree(${pid}, { pwsh: '' }); console.log('alive');`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', source], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output] = (await once(child.stdout, 'data')) as [Buffer];
    expect(output.toString()).toBe('alive\n');
  });

  test('that is gone already is no error', async () => {
    await expect(killTree(2 ** 22 - 1, { pwsh })).resolves.toBeUndefined();
  });
});
