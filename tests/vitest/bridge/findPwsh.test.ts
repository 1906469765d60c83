import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findPwsh } from '../../../core/bridge/findPwsh.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-pwsh-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program that tells a version as pwsh does. */
async function program(path: string, { version = '7.6.9', mode = 0o755 } = {}): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho "PowerShell ${version}"\n`);
  await chmod(file, mode);
  return file;
}

async function listOfTools(text: string): Promise<void> {
  await mkdir(join(folder, '.config'), { recursive: true });
  await writeFile(join(folder, '.config', 'dotnet-tools.json'), text);
}

const tool = (version: unknown) => JSON.stringify({ tools: { powershell: { version } } });

/** The folder of a restored .NET tool. */
async function restored({ frameworks = ['net10.0'], mode = 0o755 } = {}): Promise<string[]> {
  await listOfTools(tool('7.6.9'));
  return Promise.all(
    frameworks.map((framework) =>
      program(join('packages', 'powershell', '7.6.9', 'tools', framework, 'any', 'unix', 'pwsh'), { mode }),
    ),
  );
}

const find = (env: NodeJS.ProcessEnv = {}, folders: string[] = []) =>
  findPwsh({
    env: { NUGET_PACKAGES: join(folder, 'packages'), ...env },
    root: folder,
    path: folders.map((name) => join(folder, name)).join(delimiter),
    platform: 'linux',
  });

describe('ORCHESTRATOR_PWSH', () => {
  test('wins over all else and is not asked for its version', async () => {
    await program('bin/pwsh');
    const named = await program('mine/pwsh', { version: 'unknown' });
    expect(await find({ ORCHESTRATOR_PWSH: named }, ['bin'])).toBe(named);
  });

  test('a fault in it is told and not worked around', async () => {
    await program('bin/pwsh');
    const shim = await program('tool/pwsh');
    await mkdir(join(folder, 'tool', '.store', 'powershell'), { recursive: true });
    for (const [file, reason] of [
      ['bin/pwsh', 'not an absolute path'],
      [join(folder, 'nowhere'), 'is not there'],
      [shim, 'only starts another program'],
      [await program('dotnet'), 'only starts another program'],
    ] as const) {
      await expect(find({ ORCHESTRATOR_PWSH: file }, ['bin'])).rejects.toMatchObject({
        code: 'ORC3005',
        message: expect.stringContaining(reason),
      });
    }
  });
});

describe('PATH', () => {
  test.each(['7.5.0', '7.6.9', '8.0.0-preview.1', '10.1.0'])('version %s is taken', async (version) => {
    const file = await program('bin/pwsh', { version });
    expect(await find({}, ['empty', 'bin'])).toBe(file);
  });

  test.each(['7.4.13', '6.2.7', 'nonsense'])('version %s is left for a later one', async (version) => {
    await program('old/pwsh', { version });
    const file = await program('new/pwsh');
    expect(await find({}, ['old', 'new'])).toBe(file);
  });

  test('the shim of a .NET tool is left, also behind a link', async () => {
    const shim = await program('tool/pwsh');
    await mkdir(join(folder, 'tool', '.store', 'powershell'), { recursive: true });
    await mkdir(join(folder, 'bin'));
    await symlink(shim, join(folder, 'bin', 'pwsh'));
    const file = await program('real/pwsh');
    expect(await find({}, ['tool', 'bin', 'real'])).toBe(file);
  });

  test('a file without the right to run is left', async () => {
    await program('bin/pwsh', { mode: 0o644 });
    await expect(find({}, ['bin'])).rejects.toThrow('There is no pwsh on PATH.');
  });

  test('a relative folder is not searched', async () => {
    await program('bin/pwsh');
    const path = join('.', 'bin');
    const search = findPwsh({ env: { HOME: folder }, root: folder, path, platform: 'linux' });
    await expect(search).rejects.toThrow('There is no pwsh on PATH.');
  });
});

describe('the .NET tool', () => {
  test('comes after PATH, in the newest framework', async () => {
    const [, newest] = await restored({ frameworks: ['net9.0', 'net10.0'] });
    expect(await find()).toBe(newest);
    const onPath = await program('bin/pwsh');
    expect(await find({}, ['bin'])).toBe(onPath);
  });

  test('is made executable', async () => {
    const [file] = await restored({ mode: 0o644 });
    expect(await find()).toBe(file);
  });

  test('is looked for in the home folder without NUGET_PACKAGES', async () => {
    await listOfTools(tool('7.6.9'));
    const tools = join('.nuget', 'packages', 'powershell', '7.6.9', 'tools');
    const file = await program(join(tools, 'net10.0', 'any', 'unix', 'pwsh'));
    expect(await find({ NUGET_PACKAGES: '', HOME: folder })).toBe(file);
  });

  test('is not looked for outside the packages, whatever the list of tools says', async () => {
    await program('packages/evil/tools/net10.0/any/unix/pwsh');
    for (const text of [tool('../evil'), tool('..\\evil'), tool(''), tool(7), '{', '[]', 'null']) {
      await listOfTools(text);
      await expect(find()).rejects.toMatchObject({ code: 'ORC3005' });
    }
  });
});

test('without any, both reasons are told', async () => {
  await program('old/pwsh', { version: '7.4.1' });
  await listOfTools(tool('7.6.9'));
  await expect(find({}, ['old'])).rejects.toThrow(/is version 7\.4\..*has not been restored/s);
});
