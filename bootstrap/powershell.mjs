import { execFileSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Failure, step } from './report.mjs';
import { root } from './root.mjs';
import { quiet } from './spawn.mjs';

const windows = process.platform === 'win32';
const toolVersion = JSON.parse(readFileSync(join(root, '.config', 'dotnet-tools.json'), 'utf8')).tools
  .powershell.version;

/** Version of a pwsh as [major, minor], or null when it does not run. */
function versionOf(file) {
  try {
    const text = execFileSync(file, ['-NoProfile', '-Version'], { encoding: 'utf8', timeout: 20_000 });
    const match = /(\d+)\.(\d+)\./.exec(text);
    return match && [Number(match[1]), Number(match[2])];
  } catch {
    return null;
  }
}

function isRecent(file) {
  const version = versionOf(file);
  return version !== null && (version[0] > 7 || (version[0] === 7 && version[1] >= 5));
}

/** A pwsh on PATH, except the .NET tool's shim: killing that one leaves the real process alive. */
function onPath() {
  const name = windows ? 'pwsh.exe' : 'pwsh';
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name);
    if (folder === '' || !existsSync(file)) continue;
    if (/[\\/]\.dotnet[\\/]tools/.test(realpathSync(file))) continue;
    if (isRecent(file)) return file;
  }
  return null;
}

/** The program inside the NuGet package of the .NET tool. */
function inPackage() {
  const packages = process.env.NUGET_PACKAGES ?? join(homedir(), '.nuget', 'packages');
  const tools = join(packages, 'powershell', toolVersion, 'tools');
  if (!existsSync(tools)) return null;
  for (const framework of readdirSync(tools)) {
    const file = join(tools, framework, 'any', windows ? 'win' : 'unix', windows ? 'pwsh.exe' : 'pwsh');
    if (!existsSync(file)) continue;
    try {
      accessSync(file, constants.X_OK);
    } catch {
      chmodSync(file, 0o755);
    }
    return file;
  }
  return null;
}

/** Finds PowerShell 7.5 or later, or brings it as a .NET tool. Sets ORCHESTRATOR_PWSH and returns the path. */
export async function ensurePowerShell() {
  const given = process.env.ORCHESTRATOR_PWSH;
  if (given && existsSync(given)) return given;
  let found = inPackage() ?? onPath();
  if (!found) {
    await step(`PowerShell ${toolVersion}`, async () => {
      await quiet('dotnet', ['tool', 'restore'], {
        what: 'PowerShell 7.5 or later is needed and could not be brought.',
        why: '"dotnet tool restore" did not work',
        fix: windows
          ? 'Install it: winget install Microsoft.PowerShell'
          : 'Install PowerShell 7.5 or later (or the .NET 10 SDK, which brings it), then try again.',
      });
      found = inPackage();
      return 'restored as a .NET tool';
    });
  }
  if (!found) {
    throw new Failure({
      what: 'PowerShell was restored but its program was not found.',
      why: 'The package does not have the layout that was expected.',
      fix: 'Install PowerShell 7.5 or later and put pwsh on PATH.',
    });
  }
  process.env.ORCHESTRATOR_PWSH = found;
  return found;
}
