import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WindowsBox } from './box.ts';
import { wineProcesses } from './wine.ts';

describe('a box', () => {
  let box: WindowsBox;

  beforeAll(async () => {
    box = await WindowsBox.create({ env: { FROM_BOX: 'Привет %PATH% "q"' } });
  });

  afterAll(() => box?.dispose());

  test('gives what a script printed, left in $result and exited with', async () => {
    const end = await box.pwsh("'one'; Write-Host 'Два'; $result = @{ n = 3; cwd = $PWD.Path }; exit 7");
    expect(end).toEqual({
      exitCode: 7,
      output: 'one\nДва\n',
      error: null,
      data: { n: 3, cwd: 'F:\\' },
    });
  });

  test('gives the error of a script and of the module', async () => {
    const end = await box.pwsh("'before'; Start-Orchestrator nosuch");
    expect(end).toMatchObject({ exitCode: 1, data: null });
    expect(end.error?.id).toMatch(/^ORC\d{4}/);
    expect(end.output).toMatch(/^before\n/);
    await expect(box.objects("throw 'no way'")).rejects.toThrow(/no way/);
  });

  test('sets variables for one call only, and each process sees those of the box', async () => {
    const line = '$env:FROM_BOX, $env:ONCE';
    const env = { ONCE: "it's" };
    expect(await box.objects(line, { env })).toEqual(['Привет %PATH% "q"', "it's"]);
    expect(await box.objects(line, { fresh: true })).toEqual(['Привет %PATH% "q"', null]);
    expect(await box.objects(line)).toEqual(['Привет %PATH% "q"', null]);
  });

  test('ends a script that takes too long and goes on with the next', async () => {
    const since = Date.now();
    await expect(box.pwsh("'so far'; Start-Sleep 60", { timeoutMs: 1000 })).rejects.toThrow(
      /1000 ms.*so far/s,
    );
    expect(Date.now() - since).toBeLessThan(10_000);
    await expect(box.pwsh('[Environment]::Exit(3)')).rejects.toThrow(/PowerShell ended/);
    expect(await box.objects('1 + 1')).toEqual([2]);
  });

  test('shares its drives with Linux', async () => {
    const path = 'F:\\Logs\\слово.txt';
    await writeFile(box.toLinux(path), 'from Linux');
    expect(
      await box.objects(`[IO.File]::ReadAllText('${path}'); [IO.File]::WriteAllText('${path}', 'back')`),
    ).toEqual(['from Linux']);
    expect(await readFile(box.toLinux(path), 'utf8')).toBe('back');
    expect(box.toWindows(box.toLinux(path))).toBe(path);
    expect(box.toWindows(box.toLinux(WindowsBox.project))).toBe(WindowsBox.project);
    expect(box.toWindows('/etc/hosts')).toBe('Z:\\etc\\hosts');
  });

  test('knows the processes in it, and leaves none', async () => {
    const other = await WindowsBox.create();
    try {
      await other.pwsh(
        "$null = Start-Process C:\\node\\node.exe -ArgumentList '-e', 'setInterval(Object,1000)' -WindowStyle Hidden",
      );
      expect(other.processes().map(({ name }) => name)).toEqual(['node.exe']);
      expect(box.processes()).toEqual([]);
    } finally {
      await other.dispose();
    }
    expect(wineProcesses(other.prefix)).toEqual([]);
    expect(existsSync(other.folder)).toBe(false);
    expect(await box.objects("'still here'")).toEqual(['still here']);
  });
});
