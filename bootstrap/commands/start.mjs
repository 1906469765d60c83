import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuild } from '../build.mjs';
import { dataFolder } from '../dataFolder.mjs';
import { runScript } from '../module.mjs';
import { ensurePackages } from '../packages.mjs';
import { ensurePowerShell } from '../powershell.mjs';
import { Failure } from '../report.mjs';

const usage = `npm start -- [--comfyui FOLDER | --attach] [--help]

Brings up the panel, ComfyUI and the guardian, and waits until all are healthy.

  --comfyui FOLDER  run your own ComfyUI (the folder with main.py, or the portable folder)
  --attach          use the ComfyUI that already answers on port 8188; it is watched, never stopped
  --help            this text

Without either, a demo ComfyUI stands in. COMFY_URL names a ComfyUI on another machine.
Afterwards: npm run status, npm stop.`;

function readOptions(args) {
  const options = { comfyui: { type: 'string' }, attach: { type: 'boolean' }, help: { type: 'boolean' } };
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    throw new Failure({
      what: 'The options were not understood.',
      why: error.message,
      fix: 'Run: npm start -- --help',
    });
  }
}

/** True when a service host of an earlier start lives: then an interrupted start must not take it down. */
function alreadyRunning() {
  const folder = join(dataFolder(), 'run');
  if (!existsSync(folder)) return false;
  return readdirSync(folder).some((name) => {
    try {
      const { hostProcessId } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      process.kill(hostProcessId, 0);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs the start script; Ctrl+C ends it and takes down what it had brought up. */
async function startServices(args) {
  const before = alreadyRunning();
  let child;
  let interrupted = false;
  const interrupt = () => {
    if (interrupted) return;
    interrupted = true;
    process.stdout.write('\nInterrupted. ');
    if (child) process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const code = await runScript('start.ps1', args, {
    onSpawn: (process_) => {
      child = process_;
    },
  });
  if (!interrupted) return code;
  if (before) {
    console.log('The services that were running before go on running.');
  } else {
    console.log('Taking down what was started…');
    await runScript('stop.ps1', ['-Quiet']);
    console.log('Nothing is left running.');
  }
  return 130;
}

export async function run(args) {
  const { comfyui, attach = false, help = false } = readOptions(args);
  if (help) {
    console.log(usage);
    return 0;
  }
  console.log('Orchestrator');
  await ensurePackages();
  await ensurePowerShell();
  await ensureBuild();
  const forward = [];
  if (comfyui !== undefined) forward.push('-ComfyUIPath', comfyui);
  if (attach) forward.push('-Attach');
  return startServices(forward);
}
