import { execFile } from 'node:child_process';
import { access, chmod, constants, glob, readFile, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { unavailable } from './failures.ts';

const run = promisify(execFile);

export interface FindOptions {
  env: NodeJS.ProcessEnv;
  /** Root of the project: holds .config/dotnet-tools.json. */
  root: string;
  /** Folders to search, as in PATH. */
  path?: string | undefined;
  platform?: NodeJS.Platform;
}

/**
 * The PowerShell to use: ORCHESTRATOR_PWSH, else the one on PATH if it is 7.5 or later, else the one inside the .NET
 * tool that the project restores. Never the tool's shim: killing that leaves the real one alive. Throws ORC3005.
 */
export async function findPwsh({
  env,
  root,
  path = env['PATH'] ?? env['Path'],
  platform = process.platform,
}: FindOptions): Promise<string> {
  const named = env['ORCHESTRATOR_PWSH'];
  if (named) return fromVariable(named);
  const onPath = await fromPath({ path: path ?? '', platform });
  if ('file' in onPath) return onPath.file;
  const fromTool = await fromNuGet({ env, root, platform });
  if ('file' in fromTool) return fromTool.file;
  throw unavailable(`${onPath.fault} ${fromTool.fault}`);
}

type Found = { readonly file: string } | { readonly fault: string };

/** Named by a person or the installer, so a fault in it is told and not worked around. */
async function fromVariable(file: string): Promise<string> {
  if (!isAbsolute(file)) throw unavailable(`ORCHESTRATOR_PWSH is not an absolute path: ${file}.`);
  if (!(await isFile(file))) throw unavailable(`ORCHESTRATOR_PWSH names ${file}, which is not there.`);
  if (await isShim(file)) {
    throw unavailable(`ORCHESTRATOR_PWSH names ${file}, which only starts another program.`);
  }
  if (!(await makeExecutable(file))) throw unavailable(`${file} may not be executed by this user.`);
  return file;
}

async function fromPath({ path, platform }: { path: string; platform: NodeJS.Platform }): Promise<Found> {
  const name = platform === 'win32' ? 'pwsh.exe' : 'pwsh';
  const faults: string[] = [];
  for (const folder of path.split(delimiter).filter(isAbsolute)) {
    const file = join(folder, name);
    if (!(await isExecutable(file))) continue;
    const fault = (await isShim(file)) ? 'is the shim of a .NET tool' : await versionFault(file);
    if (!fault) return { file };
    faults.push(`${file} ${fault}.`);
  }
  return { fault: faults.length > 0 ? faults.join(' ') : 'There is no pwsh on PATH.' };
}

/** A .NET tool's command lies beside the store that holds the real program. */
async function isShim(file: string): Promise<boolean> {
  const real = await realpath(file).catch(() => file);
  const candidates = [dirname(file), dirname(real)].map((folder) => join(folder, '.store', 'powershell'));
  if (/^dotnet(\.exe)?$/i.test(real.split(/[\\/]/).at(-1) ?? '')) return true;
  return (await Promise.all(candidates.map(exists))).includes(true);
}

/** Undefined when it is 7.5 or later. */
async function versionFault(file: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(file, ['-NoLogo', '-NoProfile', '-Version'], {
      timeout: 20_000,
      windowsHide: true,
    });
    const [, major, minor] = /PowerShell (\d+)\.(\d+)/.exec(stdout) ?? [];
    if (major === undefined) return 'does not tell its version';
    const isNew = Number(major) > 7 || (Number(major) === 7 && Number(minor) >= 5);
    return isNew ? undefined : `is version ${major}.${minor}`;
  } catch {
    return 'cannot be run';
  }
}

async function fromNuGet({
  env,
  root,
  platform,
}: {
  env: NodeJS.ProcessEnv;
  root: string;
  platform: NodeJS.Platform;
}): Promise<Found> {
  const version = await toolVersion(root);
  if (!version) return { fault: `${join('.config', 'dotnet-tools.json')} names no version of it.` };
  const packages =
    env['NUGET_PACKAGES'] || join(env['HOME'] ?? env['USERPROFILE'] ?? homedir(), '.nuget', 'packages');
  const tools = join(packages, 'powershell', version, 'tools');
  const [system, name] = platform === 'win32' ? ['win', 'pwsh.exe'] : ['unix', 'pwsh'];
  const files = await Array.fromAsync(glob(`net*/any/${system}/${name}`, { cwd: tools })).catch(() => []);
  const newest = files.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  if (newest === undefined) return { fault: `The .NET tool ${version} has not been restored either.` };
  const file = join(tools, newest);
  if (!(await makeExecutable(file))) return { fault: `${file} may not be executed by this user.` };
  return { file };
}

async function toolVersion(root: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(root, '.config', 'dotnet-tools.json'), 'utf8');
    const version: unknown = JSON.parse(text).tools.powershell.version;
    return typeof version === 'string' && /^[\w.-]+$/.test(version) ? version : undefined;
  } catch {
    return undefined;
  }
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

const isFile = (file: string) =>
  stat(file).then(
    (entry) => entry.isFile(),
    () => false,
  );

const isExecutable = async (file: string) =>
  (await isFile(file)) &&
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

/** NuGet unpacks without the executable bit for others, sometimes without any. */
async function makeExecutable(file: string): Promise<boolean> {
  if (await isExecutable(file)) return true;
  await chmod(file, 0o755).catch(() => {});
  return isExecutable(file);
}
