import { spawn } from 'node:child_process';
import { Failure, keep } from './report.mjs';
import { root } from './root.mjs';

/** Runs a program with its output kept and hidden; rejects with a Failure that carries the output. */
export function quiet(
  file,
  args,
  { what, why = 'The program named above ended with an error.', fix, env, cwd = root },
) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const take = (chunk) => {
      output += chunk;
      keep(chunk);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => reject(new Failure({ what, why: error.message, fix, output })));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Failure({ what, why: `${why} (${signal ?? `exit code ${code}`})`, fix, output }));
    });
  });
}

/** Runs a program on the user's own terminal; resolves with its exit code. */
export function shown(file, args, { env, cwd = root, detached = false, onSpawn } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
      detached,
    });
    onSpawn?.(child);
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}
