import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled } from './dataFolder.mjs';
import { Failure, step } from './report.mjs';
import { root } from './root.mjs';
import { quiet, shown } from './spawn.mjs';

/**
 * The Node that is fetched when the running one is too old: the npm package `node` carries its binary. A release holds
 * the same one.
 */
const { version: pinned } = JSON.parse(readFileSync(join(root, 'bootstrap', 'node.json'), 'utf8'));

const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node.replace('>=', '');

const binary = join(
  root,
  '.runtime',
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

function atLeast(version, minimum) {
  const a = version.replace(/^v/, '').split('.').map(Number);
  const b = minimum.split('.').map(Number);
  for (let i = 0; i < 3; i += 1) if (a[i] !== b[i]) return a[i] > b[i];
  return true;
}

/** How npm is called from here: through the Node that runs, so that no shell and no PATH decide. */
export function npm() {
  const cli = process.env.npm_execpath;
  if (cli && existsSync(cli)) return { file: process.execPath, args: [cli] };
  return { file: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] };
}

async function fetchNode() {
  const { file, args } = npm();
  const what = `Node ${pinned} could not be fetched.`;
  const fix = `Check the connection to the npm registry, or install Node ${wanted} or later yourself, then try again.`;
  const prefix = join(root, '.runtime');
  await quiet(
    file,
    [...args, 'install', '--prefix', prefix, '--no-save', '--no-package-lock', `node@${pinned}`],
    {
      what,
      fix,
    },
  );
  if (!existsSync(binary)) {
    await quiet(process.execPath, [join(prefix, 'node_modules', 'node', 'installArchSpecificPackage.js')], {
      what,
      fix,
      cwd: join(prefix, 'node_modules', 'node'),
    });
  }
  if (!existsSync(binary))
    throw new Failure({ what, why: 'The package held no program for this machine.', fix });
}

/**
 * Makes sure that what follows runs on a Node the project works with. Returns true when the command was handed to
 * another Node and is done; its exit code is then set.
 */
export async function ensureNode({ name }) {
  if (atLeast(process.version, wanted)) {
    process.env.ORCHESTRATOR_NODE = process.execPath;
    return false;
  }
  if (name === 'stop' && !isInstalled()) {
    console.log('Nothing to stop: Orchestrator is not installed here.');
    return true;
  }
  if (!existsSync(binary)) {
    await step(`Node ${pinned}`, async () => {
      await fetchNode();
      return `fetched, since this machine has ${process.version}`;
    });
  }
  // Both processes get Ctrl+C; this one only waits for the other to tidy up.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  process.exitCode = await shown(binary, process.argv.slice(1), {});
  return true;
}
