import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../freePort.ts';
import { until } from '../until.ts';
import { WindowsBox } from './box.ts';
import { type Change, Installation } from './installation.ts';

const nssm = 'C:\\nssm\\nssm.exe';

/** What the registry has of a service, every value of every key. */
const dump = (name: string) =>
  `& (Get-Module Orchestrator) { Use-ModulePart Adopt; Read-ServiceDump -Name '${name}' }`;

describe('services made by hand with NSSM are taken over and put back', () => {
  let box: WindowsBox;
  let base: Installation;
  let port: number;
  let before: Record<string, unknown>;

  const answer = async (path: string) => {
    try {
      return await (
        await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(1000) })
      ).text();
    } catch {
      return null;
    }
  };
  const registry = async () => ({
    panel: (await box.objects(dump('OrchestratorPanel')))[0],
    comfy: (await box.objects(dump('ComfyUI')))[0],
  });
  const parameters = async (name: string) =>
    (
      await box.objects<Record<string, unknown>>(
        `& (Get-Module Orchestrator) { Use-ModulePart Nssm; Read-NssmSetting -ServiceName '${name}' }`,
      )
    )[0] ?? {};
  const changes = async (line: string, timeoutMs = 90_000) => box.objects<Change>(line, { timeoutMs });

  beforeAll(async () => {
    box = await WindowsBox.create();
    base = await Installation.create(box, { backend: 'Nssm' });
    // The project's own manifest, so that nobody has to name one.
    const own = box.toLinux(`${WindowsBox.project}\\deploy\\windows\\orchestrator.json`);
    await writeFile(own, JSON.stringify(base.manifest, null, 2));
    port = await freePort();
    const folder = box.toLinux('F:\\ComfyUI');
    await mkdir(`${folder}/python_embeded`, { recursive: true });
    await mkdir(`${folder}/ComfyUI`, { recursive: true });
    await copyFile(box.toLinux('C:\\node\\node.exe'), `${folder}/python_embeded/python.exe`);
    await writeFile(`${folder}/ComfyUI/main.py`, '');
    await writeFile(
      `${folder}/run_nvidia_gpu.bat`,
      '.\\python_embeded\\python.exe -s ComfyUI\\main.py --windows-standalone-build --lowvram --listen\r\npause\r\n',
    );
    await mkdir(box.toLinux('F:\\Old'), { recursive: true });
    await writeFile(
      box.toLinux('F:\\Old\\entry.mjs'),
      "import { createServer } from 'node:http'; createServer((_, answer) => answer.end('old panel')).listen(process.env.PORT, '127.0.0.1'); console.log('old panel up');",
    );
    const made = await box.pwsh(`
      function Set-Hand { & ${nssm} @args | Out-Null; if ($LASTEXITCODE) { throw "nssm $args" } }
      Set-Hand install OrchestratorPanel C:\\node\\node.exe
      Set-Hand set OrchestratorPanel AppParameters F:\\Old\\entry.mjs
      Set-Hand set OrchestratorPanel AppDirectory F:\\Old
      Set-Hand set OrchestratorPanel AppEnvironmentExtra PORT=${port} HOSTNAME=127.0.0.1 'MY_OWN=kept value' NODE_SKIP_PLATFORM_CHECK=1
      Set-Hand set OrchestratorPanel AppStdout F:\\Logs\\my-panel.log
      Set-Hand set OrchestratorPanel AppStderr F:\\Logs\\my-panel.err
      Set-Hand set OrchestratorPanel AppRotateFiles 1
      Set-Hand set OrchestratorPanel AppRotateBytes 5242880
      Set-Hand set OrchestratorPanel DisplayName 'My admin panel'
      Set-Hand set OrchestratorPanel Start SERVICE_DEMAND_START
      Set-Hand set OrchestratorPanel AppPriority BELOW_NORMAL_PRIORITY_CLASS
      Set-Hand install ComfyUI F:\\ComfyUI\\run_nvidia_gpu.bat
      Set-Hand set ComfyUI AppDirectory F:\\ComfyUI
      Set-Hand set ComfyUI Description 'Mine, since 2024'
      Set-Hand set ComfyUI AppAffinity 0
      Start-Service OrchestratorPanel`);
    expect(made.error, made.output).toBeNull();
    await until('the old panel answers', async () => (await answer('/')) === 'old panel');
    before = await registry();
  });

  afterAll(() => box?.dispose());

  test('-WhatIf names what would change, and changes nothing', async () => {
    const list = await changes('Import-OrchestratorService -WhatIf');
    const said = list.map(({ Target, Property, To }) => `${Target} ${Property} ${To}`);
    expect(said).toContain('panel serviceName OrchestratorPanel');
    expect(said).toContain('comfyui serviceName ComfyUI');
    expect(said).toContain('comfyui Application F:\\ComfyUI\\python_embeded\\python.exe');
    expect(said).toContain('comfyui AppRotateOnline 1');
    for (const { Property } of list) {
      expect(['AppPriority', 'AppAffinity', 'Start', 'ObjectName']).not.toContain(Property);
    }
    expect(await registry()).toEqual(before);
    expect(existsSync(box.toLinux(base.manifest.paths.data))).toBe(false);
  });

  test('the doctor names the batch file and the way out', async () => {
    const checks = await box.objects<{ Message: string; Fix: string }>(
      "Test-Orchestrator | Where-Object Name -eq 'Service'",
    );
    const batch = checks.find(({ Message }) => Message.includes('run_nvidia_gpu.bat'));
    expect(batch?.Message).toMatch(/pause/);
    expect(batch?.Fix).toContain('Import-OrchestratorService -Name ComfyUI');
    expect(checks.some(({ Message }) => /OrchestratorPanel was made by hand/.test(Message))).toBe(true);
  });

  test('the panel is taken over with its port, logs and variables, and runs', async () => {
    await changes('Import-OrchestratorService OrchestratorPanel -Restart');
    expect(await answer('/')).not.toBe('old panel');
    expect(await answer('/api/health')).not.toBeNull();
    const now = await parameters('OrchestratorPanel');
    expect(now).toMatchObject({
      AppStdout: 'F:\\Logs\\my-panel.log',
      AppStderr: 'F:\\Logs\\my-panel.err',
      AppRotateOnline: 1,
      AppRotateBytes: 5242880,
      'AppExit.Default': 'Exit',
      DisplayName: 'My admin panel',
      Start: 'manual',
      AppPriority: 0x4000,
    });
    expect(now['AppEnvironmentExtra']).toContain('MY_OWN=kept value');
    const [status] = await changes('Get-OrchestratorStatus panel');
    expect(status).toMatchObject({ State: 'Running', Health: 'healthy' });
  });

  test('ComfyUI is taken over without a restart: Python instead of the batch file', async () => {
    await changes('Import-OrchestratorService');
    const now = await parameters('ComfyUI');
    expect(now).toMatchObject({
      Application: 'F:\\ComfyUI\\python_embeded\\python.exe',
      AppDirectory: 'F:\\ComfyUI',
      Description: 'Mine, since 2024',
      AppAffinity: '0',
      AppRotateOnline: 1,
      AppStopMethodConsole: base.service('comfyui').stop.timeoutMs,
    });
    expect(now['AppParameters']).toMatch(/-s ComfyUI\\main\.py .*--lowvram$/);
    await expect(changes('Import-OrchestratorService ComfyUI')).rejects.toThrow(/ORC2055/);
    await expect(changes('Import-OrchestratorService')).rejects.toThrow(/ORC2054/);
  });

  test('an installation of the written manifest finds nothing to change in them', async () => {
    const list = await changes('Install-Orchestrator -NoStart -WhatIf');
    // The guardian is new, and so is the module in new sessions; the adopted services are as they are wanted.
    expect(list.map(({ Target, Property }) => `${Target} ${Property}`)).toEqual([
      'guardian service',
      'orchestrator module',
    ]);
  });

  test('-Undo puts back every value byte for byte, and the old panel runs again', async () => {
    const list = await changes('Import-OrchestratorService -Undo -Restart');
    expect(list.map(({ Property }) => Property)).toContain('Parameters\\Application');
    expect(await registry()).toEqual(before);
    await until('the old panel answers', async () => (await answer('/')) === 'old panel');
    expect(existsSync(box.toLinux(`${base.manifest.paths.data}\\adopted\\ComfyUI.json`))).toBe(false);
    await expect(changes('Import-OrchestratorService -Undo')).rejects.toThrow(/ORC2056/);
  });

  test('also after Uninstall-Orchestrator, which says so, removed them', async () => {
    await changes('Import-OrchestratorService');
    const end = await box.pwsh('Uninstall-Orchestrator -Confirm:$false | Out-Null', {
      env: { ORCHESTRATOR_MANIFEST: `${base.manifest.paths.data}\\orchestrator.json` },
    });
    expect(end.error, end.output).toBeNull();
    expect(end.output).toContain('Import-OrchestratorService -Undo');
    expect(await box.objects('Get-Service OrchestratorPanel, ComfyUI -ErrorAction Ignore')).toEqual([]);
    await changes('Import-OrchestratorService -Undo');
    expect(await registry()).toEqual(before);
  });

  test('an installation over one made by hand keeps the way back too', async () => {
    await changes('Install-Orchestrator -NoStart');
    expect((await parameters('OrchestratorPanel'))['AppDirectory']).toBe(WindowsBox.project);
    const undone = await box.pwsh('Import-OrchestratorService -Undo | Out-Null');
    expect(undone.error, undone.output).toBeNull();
    expect(undone.output).toMatch(/OrchestratorComfyUI, OrchestratorGuardian\. Uninstall-Orchestrator/);
    expect(await registry()).toEqual(before);
  });
});
