import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

/** A failure that says what happened, why, and what to do. */
export class Failure extends Error {
  constructor({ what, why, fix, output = '' }) {
    super(what);
    Object.assign(this, { what, why, fix, output });
  }
}

const logFile = join(root, '.runtime', 'bootstrap.log');

/** Keeps the full output of every step, so that a short message on screen loses nothing. */
export function keep(text) {
  mkdirSync(join(root, '.runtime'), { recursive: true });
  appendFileSync(logFile, text);
}

export function reportFailure(error) {
  if (!(error instanceof Failure)) {
    process.stderr.write(`\n✗ ${error.stack ?? error}\n`);
    return;
  }
  const tail = error.output.trimEnd().split('\n').slice(-20).join('\n');
  process.stderr.write(`\n✗ ${error.what}\n`);
  if (tail) process.stderr.write(`${tail.replace(/^/gm, '  │ ')}\n`);
  process.stderr.write(`  Why: ${error.why}\n  Do:  ${error.fix}\n`);
  if (tail) process.stderr.write('  All of the output is in .runtime/bootstrap.log\n');
}

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/**
 * Runs one step and shows it: its name at once, the seconds while it runs (on a terminal), and what came of it.
 * `work` returns a short word on the outcome.
 */
export async function step(name, work) {
  const since = Date.now();
  const live = process.stdout.isTTY;
  const label = `  ${name} `.padEnd(34, '.');
  let timer;
  if (live) {
    process.stdout.write(`${label} `);
    timer = setInterval(() => process.stdout.write(`\r${label} ${seconds(since)} `), 500);
    timer.unref();
  }
  try {
    const outcome = await work();
    process.stdout.write(
      `${live ? '\r' : ''}${label} ${outcome} (${seconds(since)})${live ? '\x1b[K' : ''}\n`,
    );
  } catch (error) {
    process.stdout.write(`${live ? '\r' : ''}${label} failed (${seconds(since)})${live ? '\x1b[K' : ''}\n`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
