import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WindowsBox } from './box.ts';
import { Installation } from './installation.ts';
import { wine, wineserver } from './wine.ts';

interface Check {
  readonly Name: string;
  readonly Status: string;
  readonly Message: string;
  readonly Fix: string;
  readonly Code: string | null;
}

const nssm = 'C:\\nssm\\nssm.exe';
const services = 'HKLM:\\SYSTEM\\CurrentControlSet\\Services';

describe('the doctor and the checks before an installation, on Windows', () => {
  let box: WindowsBox;
  let stack: Installation;

  beforeAll(async () => {
    box = await WindowsBox.create();
    stack = await Installation.create(box, { backend: 'Nssm' });
  });

  afterAll(() => box?.dispose());

  const doctor = async (name: string) =>
    (await stack.objects<Check>('Test-Orchestrator')).filter((check) => check.Name === name);
  const run = async (script: string) => {
    const end = await stack.pwsh(script);
    expect(end.error, end.output).toBeNull();
    return end.output;
  };
  /** The whole report of a refused installation; nothing may have been touched. */
  const refused = async (line: string) => {
    const end = await stack.pwsh(line);
    expect(end.error?.id).toBe('ORC2013,Install-Orchestrator');
    expect(existsSync(box.toLinux(stack.manifest.paths.data))).toBe(false);
    return end.error?.message ?? '';
  };

  test('rights, policy, nssm.exe and drives of a good machine pass', async () => {
    const checks = await stack.objects<Check>('Test-Orchestrator');
    for (const name of ['Administrator', 'ExecutionPolicy', 'Nssm', 'Service', 'Drive', 'Memory', 'Port']) {
      const found = checks.filter((check) => check.Name === name);
      expect(found.length, name).toBeGreaterThan(0);
      for (const check of found) expect(check, check.Message).toMatchObject({ Status: 'pass' });
    }
    expect(checks.find(({ Name }) => Name === 'Nssm')?.Message).toContain('2.23');
  });

  test('everything that stands in the way is one report, with -WhatIf too, and nothing is touched', async () => {
    const strange = 'F:\\Downloads\\nssm.exe';
    await mkdir(box.toLinux('F:\\Downloads'), { recursive: true });
    await copyFile(box.toLinux(nssm), box.toLinux(strange));
    await writeFile(
      box.toLinux(strange),
      Buffer.concat([await readFile(box.toLinux(nssm)), Buffer.from('x')]),
    );
    const holder: Server = createServer();
    await new Promise<void>((resolve) =>
      holder.listen(stack.service('panel').port ?? 0, '127.0.0.1', resolve),
    );
    const { paths } = stack.manifest;
    try {
      const gone = { data: 'Q:\\Orchestrator', logs: 'Q:\\Logs' };
      Object.assign(stack.manifest, { paths: gone });
      stack.service('comfyui').command = { file: 'Q:\\ComfyUI\\python_embeded\\python.exe', args: [] };
      stack.service('panel').command = { file: 'node', args: ['dist/nowhere.js'] };
      await stack.save();
      const end = await stack.pwsh(`Install-Orchestrator -NssmPath ${strange} -WhatIf`);
      const report = end.error?.message ?? end.output;
      expect(end.error?.id, report).toBe('ORC2013,Install-Orchestrator');
      expect(report).toContain('ORC2051');
      expect(report).toContain('-NssmPath');
      expect(report).toContain('ORC2052: There is no drive Q:');
      expect(report).toMatch(/Install-Orchestrator -DataPath '.+' -LogPath '.+\\Logs' -ComfyUIPath '.+'/);
      expect(report).toContain('ORC2014');
      expect(report).toContain('Unpack the release once more');
      expect(report).toMatch(/ORC2002: Port \d+/);
      expect(report).not.toContain('npm run build');
    } finally {
      await new Promise((resolve) => holder.close(resolve));
      await run('& (Get-Module Orchestrator) { Use-ModulePart Nssm; Set-NssmPath }');
      stack = await Installation.create(box, { backend: 'Nssm' });
      Object.assign(stack.manifest, { paths });
      await stack.save();
    }
  });

  test('a drive that Windows calls a network, removable or optical one is not taken for a fixed one', async () => {
    const seen = await box.objects<string>(
      `& (Get-Module Orchestrator) { Use-ModulePart Doctor; foreach ($one in 'C:', 'F:', 'Q:', '\\\\nas\\ai') { Get-DriveKind -Root $one } }`,
    );
    expect(seen).toEqual(['Fixed', 'Fixed', 'NoRootDirectory', 'Share']);
  });

  test('the portable ComfyUI is found from its batch file, and its flags are kept', async () => {
    const folder = box.toLinux('F:\\Мой AI\\ComfyUI_windows_portable');
    await mkdir(`${folder}/python_embeded`, { recursive: true });
    await mkdir(`${folder}/ComfyUI`, { recursive: true });
    await writeFile(`${folder}/python_embeded/python.exe`, '');
    await writeFile(`${folder}/ComfyUI/main.py`, '');
    await writeFile(
      `${folder}/run_nvidia_gpu.bat`,
      '.\\python_embeded\\python.exe -s ComfyUI\\main.py --windows-standalone-build --lowvram --listen\r\npause\r\n',
    );
    for (const way of ['', '\\ComfyUI_windows_portable', '\\ComfyUI_windows_portable\\run_nvidia_gpu.bat']) {
      const [plan] = await stack.objects<{ file: string; args: string[]; cwd: string }>(
        `& (Get-Module Orchestrator) { Use-ModulePart Install; $plan = New-InstallPlan -Source '${stack.file}' -Request @{ ComfyUIPath = 'F:\\Мой AI${way}' }; $service = $plan.Context.Services[1]; @{ file = $service.command.file; args = $service.command.args; cwd = $service.cwd } }`,
      );
      expect(plan?.file).toBe('F:\\Мой AI\\ComfyUI_windows_portable\\python_embeded\\python.exe');
      expect(plan?.cwd).toBe('F:\\Мой AI\\ComfyUI_windows_portable');
      expect(plan?.args.join(' ')).toMatch(/-s ComfyUI\\main\.py .*--listen --port \d+ --lowvram$/);
    }
  });

  test('services: made by hand, paused, nssm.exe gone, marked for deletion, of another program', async () => {
    await run(`
      & ${nssm} install OrchestratorPanel C:\\node\\node.exe | Out-Null
      & ${nssm} set OrchestratorPanel AppParameters -e 'process.exit(3)' | Out-Null
      Start-Service OrchestratorPanel -ErrorAction Ignore
      $until = [Environment]::TickCount64 + 20000
      while ("$((Get-Service OrchestratorPanel).Status)" -ne 'Paused' -and [Environment]::TickCount64 -lt $until) { Start-Sleep -Milliseconds 100 }`);
    const paused = await doctor('Service');
    expect(paused.map(({ Status }) => Status)).toEqual(['fail', 'warn']);
    expect(paused[0]?.Message).toMatch(/OrchestratorPanel paused/);
    expect(paused[1]?.Fix).toContain('Import-OrchestratorService -Name OrchestratorPanel');

    await run(
      `Stop-Service OrchestratorPanel; Set-ItemProperty '${services}\\OrchestratorPanel' ImagePath 'C:\\Users\\me\\Downloads\\nssm.exe'`,
    );
    const gone = await doctor('Service');
    expect(gone[0]).toMatchObject({ Status: 'fail' });
    expect(gone[0]?.Message).toContain('C:\\Users\\me\\Downloads\\nssm.exe, which is not there');

    await run(
      `Set-ItemProperty '${services}\\OrchestratorPanel' ImagePath 'C:\\windows\\system32\\spoolsv.exe'`,
    );
    expect(await refused('Install-Orchestrator -WhatIf')).toContain(
      'OrchestratorPanel is there that NSSM does not run',
    );

    await run(`
      Set-ItemProperty '${services}\\OrchestratorPanel' ImagePath '${nssm}'
      Set-ItemProperty '${services}\\OrchestratorPanel' DeleteFlag 1 -Type DWord`);
    const marked = await doctor('Service');
    expect(marked).toHaveLength(1);
    expect(marked[0]).toMatchObject({ Status: 'fail', Code: 'ORC2030' });
    expect(marked[0]?.Message).toContain('services.msc');
    expect(await refused('Install-Orchestrator')).toContain('ORC2030');
    await run(`& ${nssm} remove OrchestratorPanel confirm | Out-Null`);
  });

  test('a stray Cyrillic letter is explained, and the command behind it is not run', async () => {
    const checks = await stack.objects<Check>(
      `$(try { & ([char] 0x441 + 'Set-Content') F:\\ran.txt x } catch { }; Test-Orchestrator | Where-Object Name -eq 'StrayLetter')`,
    );
    expect(checks).toHaveLength(1);
    expect(checks[0]?.Message).toContain('U+0441');
    expect(checks[0]?.Fix).toContain('You meant: Set-Content.');
    expect(existsSync(box.toLinux('F:\\ran.txt'))).toBe(false);
  });

  test('an installed service that ended says why; a guardian without a log is noticed', async () => {
    stack.service('comfyui').command = {
      file: 'C:\\node\\node.exe',
      args: ['-e', "console.error('torch.OutOfMemoryError: CUDA out of memory.'); process.exit(1)"],
    };
    stack.service('comfyui').restart.policy = 'never';
    await stack.save();
    await stack.pwsh('Install-Orchestrator -ErrorAction Ignore | Out-Null', { timeoutMs: 110_000 });
    const failures = await doctor('Failure');
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ Status: 'fail' });
    expect(failures[0]?.Message).toMatch(/exit code 1.*CUDA out of memory/);
    expect(failures[0]?.Fix).toContain('--lowvram');
    expect(await doctor('GuardianLog')).toMatchObject([{ Status: 'pass' }]);
    await run('Uninstall-Orchestrator -Confirm:$false | Out-Null');
  });

  test('a drive of a logon is refused: services would not see it', async () => {
    await run(
      "New-Item HKLM:\\Software\\Wine\\Drives -Force | Out-Null; Set-ItemProperty HKLM:\\Software\\Wine\\Drives 'f:' network",
    );
    // The kind of a drive is read when Windows starts.
    await wineserver(box.prefix, '-k');
    await wine({ prefix: box.prefix, args: ['wineboot'] });
    stack = await Installation.create(box, { backend: 'Nssm', folder: 'Other' });
    const report = await refused('Install-Orchestrator -WhatIf');
    expect(report).toContain('ORC2052: F: is a network drive, and services do not see these.');
    expect(report).toMatch(/data, logs/);
  });
});
