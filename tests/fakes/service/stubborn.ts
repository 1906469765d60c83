import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Ignores every polite signal, and so do its child and grandchild; with `away` they also leave its process group.
 * Prints one JSON line {pids} when all run.
 */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
setInterval(() => {}, 60_000);

const depth = Number(process.argv[2] ?? 2);
const away = process.argv[3] === 'away';
const below: number[] = [];
if (depth > 0) {
  const child = spawn(process.execPath, [import.meta.filename, String(depth - 1), ...process.argv.slice(3)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: away,
  });
  const line = await new Promise<string>((resolve) => {
    child.stdout.once('data', (data: Buffer) => resolve(data.toString()));
  });
  below.push(...(JSON.parse(line) as { pids: number[] }).pids);
}
process.stdout.write(`${JSON.stringify({ pids: [process.pid, ...below] })}\n`);
if (process.argv[4] !== undefined) {
  await sleep(Number(process.argv[4]));
  process.exit(3);
}
