import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../until.ts';
import { WindowsBox } from './box.ts';
import { type Change, Installation } from './installation.ts';

const ids = ['panel', 'comfyui', 'guardian'] as const;
const names = ['OrchestratorPanel', 'OrchestratorComfyUI', 'OrchestratorGuardian'];
const changes = 'Install-Orchestrator | Select-Object Target, Property, From, To, Action';

describe('the stack as Windows services', () => {
  let box: WindowsBox;
  let stack: Installation;

  beforeAll(async () => {
    box = await WindowsBox.create();
    stack = await Installation.create(box, { backend: 'Nssm', folder: 'Стек служб' });
  });

  afterAll(() => box?.dispose());

  const wish = (id: string) => {
    const file = box.toLinux(`${stack.manifest.paths.data}\\desired.json`);
    const { services } = JSON.parse(readFileSync(file, 'utf8')) as {
      services: Record<string, { state: string; generation: number; by: string }>;
    };
    return services[id] ?? { state: 'none', generation: 0, by: 'nobody' };
  };
  const launches = (id: string) => stack.run(id)?.launches ?? 0;
  const service = async (name: string) => {
    const [row] = await stack.objects<{ Status: string; StartType: string }>(
      `Get-Service ${name} | Select-Object @{ n = 'Status'; e = { "$($_.Status)" } }, @{ n = 'StartType'; e = { "$($_.StartType)" } }`,
    );
    return row ?? { Status: 'None', StartType: 'None' };
  };
  const allHealthy = () => Promise.all(ids.map((id) => stack.healthy(id)));

  test('are installed and run: three services, Automatic, healthy over HTTP', async () => {
    const made = await stack.objects<Change>(changes, { timeoutMs: 110_000 });
    expect(made.filter(({ Property }) => Property === 'service').map(({ To }) => To)).toEqual(names);
    for (const name of names) {
      // NSSM calls a service Running once its program has lived for a second and a half.
      await until(`${name} Running`, async () => (await service(name)).Status === 'Running');
      expect((await service(name)).StartType).toBe('Automatic');
    }
    for (const id of ['panel', 'comfyui']) expect(await stack.answers(id)).toBe(true);
    await allHealthy();
    const [row] = await stack.objects<{ Drift: string[] }>(
      'Get-OrchestratorStatus panel | Select-Object Drift',
    );
    expect(row?.Drift).toEqual([]);
  });

  test('a second run changes nothing', async () => {
    const before = ids.map((id) => stack.pid(id));
    const again = await stack.objects<Change>(changes);
    expect(again.map(({ Action }) => Action)).toEqual(['none']);
    expect(ids.map((id) => stack.pid(id))).toEqual(before);
  });

  test('one edited value changes exactly one parameter, and a name needs no restart', async () => {
    const pid = stack.pid('panel');
    stack.service('panel').description = 'Панель "Orchestrator", 100 %';
    await stack.save();
    const made = await stack.objects<Change>(changes);
    expect(made).toEqual([
      {
        Target: 'panel',
        Property: 'Description',
        From: 'The web panel of Orchestrator.',
        To: 'Панель "Orchestrator", 100 %',
        Action: 'change',
      },
    ]);
    expect(stack.pid('panel')).toBe(pid);
  });

  test('an edited environment says that it restarts, and does', async () => {
    const pid = stack.pid('panel');
    stack.service('panel').env['LOG_LEVEL'] = 'debug';
    await stack.save();
    const told = await stack.objects<Change>(
      'Install-Orchestrator -WhatIf | Select-Object Target, Property, From, To',
    );
    expect(told.map(({ Property }) => Property)).toEqual(['AppEnvironmentExtra', 'process']);
    expect(stack.pid('panel')).toBe(pid);
    const made = await stack.objects<Change>(changes);
    expect(made[0]).toMatchObject({ From: 'LOG_LEVEL=info', To: 'LOG_LEVEL=debug' });
    expect(stack.pid('panel')).not.toBe(pid);
    await stack.healthy('panel');
    expect(stack.incidents()).toEqual([]);
  });

  test('a hand edit is shown as drift, and mended by the next install', async () => {
    const edit = await box.pwsh(
      `& C:\\nssm\\nssm.exe set OrchestratorComfyUI Start SERVICE_DEMAND_START | Out-Null
       & C:\\nssm\\nssm.exe set OrchestratorComfyUI AppRotateOnline 0 | Out-Null`,
      { module: false },
    );
    expect(edit.error).toBeNull();
    const [row] = await stack.objects<{ Drift: string[] }>(
      'Get-OrchestratorStatus comfyui | Select-Object Drift',
    );
    expect(row?.Drift).toEqual(['AppRotateOnline: 0 (should be 1)', 'Start: manual (should be auto)']);
    const made = await stack.objects<Change>(changes);
    expect(made.map(({ Property }) => Property)).toEqual(['AppRotateOnline', 'Start', 'process', 'state']);
    await stack.healthy('comfyui');
  });

  test.each(['panel', 'comfyui'])('%s killed from outside is healed, with the exit code', async (id) => {
    const before = stack.pid(id);
    const known = new Set(stack.incidents().map((one) => one.id));
    const since = Date.now();
    const killed = await box.pwsh(`Stop-Process -Id ${before} -Force`, { fresh: true, module: false });
    expect(killed.error, killed.output).toBeNull();
    await until('a new process answers', async () => {
      const now = stack.run(id);
      return now?.processId && now.processId !== before && (await stack.answers(id));
    });
    console.log(`${id} healed ${Date.now() - since} ms after the order to kill it`);
    const incident = await until('the incident is closed', () =>
      stack.incidents().find((one) => !known.has(one.id) && one.outcome === 'recovered'),
    );
    expect(incident).toMatchObject({ service: id, exitCode: 0xff_ff_ff_ff });
    expect(incident.attempts).toHaveLength(1);
    expect(stack.heartbeat()?.services[id]?.attempts).toBe(1);
  });

  test('Stop-Service by hand is an operator’s stop, and Start-Service an operator’s start', async () => {
    const { generation } = wish('comfyui');
    const incidents = stack.incidents().length;
    const started = launches('comfyui');
    await box.pwsh('Stop-Service OrchestratorComfyUI', { module: false });
    await until('the stop is noted', () => wish('comfyui').state === 'stopped');
    expect(wish('comfyui')).toMatchObject({ generation: generation + 1, by: 'operator' });
    // Longer than the guardian would need to heal it.
    await sleep(6000);
    expect((await service('OrchestratorComfyUI')).Status).toBe('Stopped');
    expect(stack.heartbeat()?.services['comfyui']?.state).toBe('stopped');

    await box.pwsh('Get-Service Orchestrator* | Start-Service', { module: false });
    await until('the start is noted', () => wish('comfyui').state === 'running');
    await stack.healthy('comfyui');
    expect(launches('comfyui')).toBe(started + 1);
    expect(stack.incidents()).toHaveLength(incidents);
  });

  test.each([
    ['Restart-Service', 'Restart-Service OrchestratorComfyUI'],
    ['nssm restart', '& C:\\nssm\\nssm.exe restart OrchestratorComfyUI | Out-Null'],
  ])('%s is one start and no incident', async (_, command) => {
    const { generation } = wish('comfyui');
    const incidents = stack.incidents().length;
    const started = launches('comfyui');
    const pid = stack.pid('comfyui');
    const end = await box.pwsh(command, { module: false });
    expect(end.error, end.output).toBeNull();
    await until(
      'it is noted',
      () => wish('comfyui').generation > generation && wish('comfyui').state === 'running',
    );
    await until('a new process is healthy', () => {
      const view = stack.heartbeat()?.services['comfyui'];
      return view?.state === 'healthy' && view.processId !== pid;
    });
    await sleep(2000);
    expect(launches('comfyui')).toBe(started + 1);
    expect(stack.incidents()).toHaveLength(incidents);
  });

  test('a killed guardian is brought back by NSSM, and nothing is started twice', async () => {
    const before = stack.pid('guardian');
    const started = ['panel', 'comfyui'].map(launches);
    const pids = ['panel', 'comfyui'].map((id) => stack.pid(id));
    await box.pwsh(`Stop-Process -Id ${before} -Force`, { module: false });
    const beat = await until('a new heartbeat', () => {
      const now = stack.heartbeat();
      return now && now.processId !== before ? now : null;
    });
    expect(beat.processId).not.toBe(before);
    await allHealthy();
    expect(['panel', 'comfyui'].map((id) => stack.pid(id))).toEqual(pids);
    expect(['panel', 'comfyui'].map(launches)).toEqual(started);
  });

  test('a killed nssm.exe leaves no orphan behind', async () => {
    const before = stack.pid('panel');
    const wrapper = stack.run('panel')?.hostProcessId;
    await box.pwsh(`Stop-Process -Id ${wrapper} -Force`, { module: false });
    await until('the panel runs under a new wrapper', async () => {
      const now = stack.run('panel');
      return (
        now?.processId &&
        now.processId !== before &&
        now.hostProcessId !== wrapper &&
        (await stack.answers('panel'))
      );
    });
    expect(box.processes().filter(({ command }) => command.includes('dist/panel/main.js'))).toHaveLength(1);
    await stack.healthy('panel');
  });

  test('a crash loop ends as exhausted: the service is stopped, the guardian lives', async () => {
    const before = stack.service('comfyui').command;
    const broken = ['-e', 'console.error("no CUDA"); setTimeout(() => process.exit(3), 300)'];
    stack.service('comfyui').command = { file: 'node', args: broken };
    await stack.save();
    const end = await stack.pwsh('Install-Orchestrator -ErrorAction SilentlyContinue | Out-Null');
    expect(end.error, end.output).toBeNull();
    await until('exhausted', () => stack.heartbeat()?.services['comfyui']?.state === 'exhausted', {
      timeoutMs: 60_000,
    });
    expect((await service('OrchestratorComfyUI')).Status).toBe('Stopped');
    const incident = stack.incidents().find(({ outcome }) => outcome === 'exhausted');
    expect(incident).toMatchObject({ service: 'comfyui', exitCode: 3 });
    expect(incident?.attempts).toHaveLength(3);
    expect(incident?.evidence.join('\n')).toContain('no CUDA');
    expect(await stack.answers('panel')).toBe(true);
    expect((await service('OrchestratorGuardian')).Status).toBe('Running');

    const known = new Set(stack.incidents().map(({ id }) => id));
    // The same program under NSSM's own care, as a hand edit would have it: NSSM pauses between its tries.
    const edit = await box.pwsh(
      `& C:\\nssm\\nssm.exe set OrchestratorComfyUI AppExit Default Restart | Out-Null
       # Start-Service would wait for a service that never comes up.
       (Get-Service OrchestratorComfyUI).Start()`,
      { module: false },
    );
    expect(edit.error, edit.output).toBeNull();
    await until('Paused', async () => (await service('OrchestratorComfyUI')).Status === 'Paused');
    // A new failure, tried as often as any other, given up, and told with its reason.
    const told = await until(
      'the guardian gives it up',
      () => stack.incidents().find(({ id, outcome }) => !known.has(id) && outcome === 'exhausted'),
      { timeoutMs: 60_000 },
    );
    expect(told.attempts).toHaveLength(3);
    const words = [told.cause, ...told.attempts.map(({ result }) => result)].join(' ');
    expect(words).toContain('keeps ending right after its start');

    stack.service('comfyui').command = before;
    await stack.save();
    await stack.objects<Change>(changes);
    await stack.healthy('comfyui');
    await until('Running', async () => (await service('OrchestratorComfyUI')).Status === 'Running');
  });

  test('of two sessions that install at once, one wins and the other says so', async () => {
    stack.service('panel').env['LOG_LEVEL'] = 'info';
    await stack.save();
    // Both look before either has changed anything: the one that comes first holds the lock until all is healthy.
    const together = `
      $gate = [IO.Path]::Combine($env:TEMP, 'both.txt')
      [IO.File]::AppendAllText($gate, 'x')
      while ([IO.FileInfo]::new($gate).Length -lt 2) { Start-Sleep -Milliseconds 20 }
      Install-Orchestrator | Out-Null`;
    const ends = await Promise.all(
      [1, 2].map(() => stack.pwsh(together, { fresh: true, timeoutMs: 90_000 })),
    );
    const faults = ends.flatMap(({ error }) => error?.id ?? []);
    expect(faults, ends.map(({ output }) => output).join('\n')).toHaveLength(1);
    expect(faults[0]).toMatch(/^ORC2031/);
    await stack.healthy('panel');
    const again = await stack.objects<Change>(changes);
    expect(again.map(({ Action }) => Action)).toEqual(['none']);
  });

  test('Uninstall-Orchestrator leaves no service, no process and no key, and keeps the logs', async () => {
    const end = await stack.pwsh('Uninstall-Orchestrator -Confirm:$false | Out-Null', { timeoutMs: 60_000 });
    expect(end.error, end.output).toBeNull();
    const left = await box.objects<string>(
      `@(Get-Service Orchestrator*).Name + @(Get-ChildItem HKLM:\\SYSTEM\\CurrentControlSet\\Services).PSChildName | Where-Object { $_ -like 'Orchestrator*' }`,
    );
    expect(left).toEqual([]);
    expect(box.processes()).toEqual([]);
    for (const id of ids) expect(existsSync(box.toLinux(stack.service(id).logs.stdout))).toBe(true);
  });
});
