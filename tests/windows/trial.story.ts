import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WindowsBox } from './box.ts';
import { Installation, until } from './installation.ts';

interface Row {
  readonly Id: string;
  readonly State: string;
  readonly Health: string;
}

describe('the trial on Windows: no administrator, no NSSM', () => {
  let box: WindowsBox;
  let trial: Installation;

  beforeAll(async () => {
    box = await WindowsBox.create();
    trial = await Installation.create(box, { backend: 'Embedded', folder: 'Проба стек' });
  });

  afterAll(() => box?.dispose());

  test('Install-Orchestrator brings everything up healthy', async () => {
    const end = await trial.pwsh('Install-Orchestrator -Backend Embedded | Out-Null', { timeoutMs: 90_000 });
    expect(end.error, end.output).toBeNull();
    for (const id of ['panel', 'comfyui']) expect(await trial.answers(id)).toBe(true);
    for (const id of ['panel', 'comfyui']) await trial.healthy(id);
    const rows = await trial.objects<Row>('Get-OrchestratorStatus | Select-Object Id, State, Health');
    expect(rows.map(({ Id, State, Health }) => `${Id} ${State} ${Health}`)).toEqual([
      'panel Running healthy',
      'comfyui Running healthy',
      'guardian Running healthy',
    ]);
  });

  test.each(['panel', 'comfyui'])('%s killed from outside is healed and explained', async (id) => {
    const before = trial.pid(id);
    const since = Date.now();
    const killed = await box.pwsh(`Stop-Process -Id ${before} -Force`, { fresh: true, module: false });
    expect(killed.error, killed.output).toBeNull();
    await until(
      'a new process answers',
      async () => trial.run(id)?.processId !== before && (await trial.answers(id)),
      { timeoutMs: 30_000 },
    );
    console.log(`${id} healed ${Date.now() - since} ms after the order to kill it`);
    await trial.healthy(id);
    const incident = await until('the incident is closed', () =>
      trial.incidents().find((one) => one.service === id && one.outcome === 'recovered'),
    );
    expect(incident.attempts).toHaveLength(1);
  });

  test('Stop-Orchestrator leaves no process and nothing that listens', async () => {
    const end = await trial.pwsh('Stop-Orchestrator | Out-Null');
    expect(end.error, end.output).toBeNull();
    await until('no process is left', () => box.processes().length === 0, { timeoutMs: 5000 });
    for (const id of ['panel', 'comfyui']) {
      await expect(fetch(trial.url(id))).rejects.toThrow();
    }
  });

  test('Uninstall-Orchestrator keeps the logs', async () => {
    const end = await trial.pwsh('Uninstall-Orchestrator -Confirm:$false | Out-Null');
    expect(end.error, end.output).toBeNull();
    expect(trial.log('panel')).not.toBe('');
    expect(box.processes()).toEqual([]);
  });
});
