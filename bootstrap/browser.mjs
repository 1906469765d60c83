import { ensureBuild } from './build.mjs';
import { ensurePrograms } from './debian.mjs';
import { ensurePackages } from './packages.mjs';
import { Failure } from './report.mjs';
import { shown } from './spawn.mjs';

/** Runs a program that drives a browser; brings what it needs first, the build only when `built` says so. */
export async function runWithBrowser(file, args, { built = false } = {}) {
  await ensurePackages();
  if (built) await ensureBuild();
  if (!process.env.CHROMIUM && (await ensurePrograms(['chromium'])).length > 0) {
    throw new Failure({
      what: 'Nothing was opened.',
      why: 'There is no Chromium on this machine.',
      fix: 'Install it, or give the path of a browser of its kind in CHROMIUM.',
    });
  }
  return shown(process.execPath, [file, ...args]);
}
