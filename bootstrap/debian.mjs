import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { step } from './report.mjs';
import { quiet } from './spawn.mjs';

/**
 * What some suites need beyond npm and .NET: a program, the Debian packages that have it, and the folder where it lies
 * when that is not on PATH.
 */
const programs = {
  chromium: { packages: ['chromium'] },
  prometheus: { packages: ['prometheus'] },
  nginx: { packages: ['nginx-light'], folder: '/usr/sbin' },
  wrk: { packages: ['wrk'] },
  supervisord: { packages: ['supervisor'] },
  wine64: { packages: ['wine64', 'wine'], folder: '/usr/lib/wine' },
  script: { packages: ['bsdutils', 'util-linux'] },
};

function isThere(program) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const own = programs[program]?.folder;
  return (own ? [own, ...folders] : folders).some((folder) => existsSync(join(folder, program)));
}

function mayInstall() {
  if (process.env.ORCHESTRATOR_NO_APT === '1') return false;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('apt-get', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Makes the programs available where the machine lets us. Returns those that are still missing. */
export async function ensurePrograms(wanted) {
  const missing = wanted.filter((program) => !isThere(program));
  const names = missing.flatMap((program) => programs[program]?.packages ?? []);
  if (names.length === 0 || !mayInstall()) return missing;
  console.log(`Installing Debian packages: ${names.join(', ')} (ORCHESTRATOR_NO_APT=1 refuses)`);
  try {
    await step('Debian packages', async () => {
      const texts = { what: 'The Debian packages could not be installed.', fix: 'Install them yourself.' };
      const env = { DEBIAN_FRONTEND: 'noninteractive' };
      await quiet('apt-get', ['update'], { ...texts, env });
      await quiet('apt-get', ['install', '-y', '--no-install-recommends', ...names], { ...texts, env });
      return 'installed';
    });
  } catch (error) {
    console.log(`  ${error.what} ${error.why}`);
  }
  return wanted.filter((program) => !isThere(program));
}
