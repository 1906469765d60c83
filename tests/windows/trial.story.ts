import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../until.ts';
import { WindowsBox } from './box.ts';
import { Installation } from './installation.ts';

interface Row {
  readonly Id: string;
  readonly State: string;
  readonly Health: string;
}

describe('the trial on Windows: no administrator, no NSSM', () => {
  let box: WindowsBox;
  let trial: Installation;

  beforeAll(async () => {
    box = await WindowsBox.create({ extra: ['bootstrap'] });
    trial = await Installation.create(box, { backend: 'Embedded', folder: 'Проба стек' });
  });

  afterAll(() => box?.dispose());

  /** As the npm commands run their scripts. */
  const command = (name: string) =>
    box.exec(
      [
        'C:\\pwsh\\pwsh.exe',
        ...['-NoLogo', '-NoProfile', '-NonInteractive', '-File'],
        `${WindowsBox.project}\\bootstrap\\${name}.ps1`,
      ],
      { env: { ORCHESTRATOR_MANIFEST: trial.file }, timeoutMs: 110_000 },
    );

  const restarted = (id: string, before: number, timeoutMs = 30_000) =>
    until(
      `a new process of ${id} answers`,
      async () => (trial.run(id)?.processId ?? before) !== before && (await trial.answers(id)),
      { timeoutMs },
    );

  /** From a session of its own, as the task manager would. */
  const kill = async (pid: number) => {
    const end = await box.pwsh(`Stop-Process -Id ${pid} -Force`, { fresh: true, module: false });
    expect(end.error, end.output).toBeNull();
  };

  test('npm start brings everything up healthy', async () => {
    const { exitCode, output } = await command('start');
    expect(exitCode, output).toBe(0);
    expect(output).toContain(`http://localhost:${trial.service('panel').port}`);
    for (const id of ['panel', 'comfyui']) expect(await trial.answers(id)).toBe(true);
    const rows = await trial.objects<Row>('Get-OrchestratorStatus | Select-Object Id, State, Health');
    expect(rows.map(({ Id, State, Health }) => `${Id} ${State} ${Health}`)).toEqual([
      'panel Running healthy',
      'comfyui Running healthy',
      'guardian Running healthy',
    ]);
  });

  test('the doctor finds nothing that failed', async () => {
    const failed = await trial.objects<string>(
      "Test-Orchestrator | Where-Object Status -eq 'fail' | ForEach-Object Message",
    );
    expect(failed).toEqual([]);
  });

  test('the panel killed from outside is healed and explained', async () => {
    const before = trial.pid('panel');
    const since = Date.now();
    await kill(before);
    await restarted('panel', before);
    console.log(`healed, from the start of the session that killed it, within ${Date.now() - since} ms`);
    await trial.healthy('panel');
    const incident = await until('the incident is closed', () =>
      trial.incidents().find((one) => one.service === 'panel' && one.outcome === 'recovered'),
    );
    expect(incident).toMatchObject({ exitCode: 4294967295, attempts: [{ result: 'healthy' }] });
    expect(incident.evidence.join('\n')).toContain('panel listens');
  });

  test('a host that is killed takes its program along, and the guardian starts both anew', async () => {
    const before = trial.pid('comfyui');
    const host = trial.run('comfyui')?.hostProcessId ?? 0;
    await kill(host);
    await restarted('comfyui', before);
    expect(box.processes().filter(({ command: line }) => line.includes('comfyui-demo'))).toHaveLength(1);
    await trial.healthy('comfyui');
  });

  test('the guardian that is killed comes back and starts nothing twice', async () => {
    const before = trial.pid('guardian');
    const others = ['panel', 'comfyui'].map((id) => trial.pid(id));
    await kill(before);
    await until('a new heartbeat', () => (trial.heartbeat()?.processId ?? before) !== before);
    for (const id of ['panel', 'comfyui']) await trial.healthy(id);
    expect(['panel', 'comfyui'].map((id) => trial.pid(id))).toEqual(others);
  });

  test('the panel restarts ComfyUI through PowerShell', async () => {
    const before = trial.pid('comfyui');
    const response = await fetch(trial.url('panel', '/api/system/comfy/restart'), { method: 'POST' });
    expect(response.status, await response.text()).toBe(200);
    expect(trial.pid('comfyui')).not.toBe(before);
    await trial.healthy('comfyui');
    expect(trial.log('comfyui', 'stderr')).toContain('Stopped server');
  });

  test('npm stop leaves no process and nothing that listens', async () => {
    const { exitCode, output } = await command('stop');
    expect(exitCode, output).toBe(0);
    await until('no process is left', () => box.processes().length === 0, { timeoutMs: 5000 });
    for (const id of ['panel', 'comfyui']) await expect(fetch(trial.url(id))).rejects.toThrow();
  });

  test('Uninstall-Orchestrator keeps the logs and forgets the rest', async () => {
    const end = await trial.pwsh('Uninstall-Orchestrator | Out-Null');
    expect(end.error, end.output).toBeNull();
    expect(trial.log('panel')).toContain('panel listens');
    expect(trial.run('panel')).toBeNull();
    expect(box.processes()).toEqual([]);
  });
});
