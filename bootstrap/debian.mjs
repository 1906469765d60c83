import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { step } from './report.mjs';
import { quiet } from './spawn.mjs';

/** What some suites need beyond npm and .NET: a program and the Debian package that has it. */
const packages = {
  chromium: 'chromium',
  supervisord: 'supervisor',
};

function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
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
export async function ensurePrograms(programs) {
  const missing = programs.filter((program) => !onPath(program));
  if (missing.length === 0 || !mayInstall()) return missing;
  const names = missing.map((program) => packages[program]);
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
  return programs.filter((program) => !onPath(program));
}
