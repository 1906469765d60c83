import { startHost } from './host.ts';
import { createHostLog } from './hostLog.ts';
import { parseSpecArgument } from './wire.ts';

async function main(): Promise<void> {
  const spec = parseSpecArgument(process.argv[2] ?? '');
  if (!spec.ok) {
    process.stderr.write(`The host's argument was not understood: ${spec.fault}\n`);
    process.exitCode = 2;
    return;
  }
  const { id, stdout } = spec.value;
  const log = createHostLog({ id, stdout });
  // A fault of the host must not orphan the program it holds.
  process.on('uncaughtException', (error) => log(`fault: ${error.stack ?? String(error)}`));
  process.on('SIGHUP', () => {});
  const starting = startHost({
    spec: spec.value,
    environment: process.env,
    log,
    onEnd: () => process.exit(0),
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void starting.then((host) => host?.end(signal)).catch(() => process.exit(1)));
  }
  try {
    // Another host serves this service: there is nothing to do.
    if ((await starting) === null) process.exit(0);
  } catch (error) {
    log(`the host could not start: ${String(error)}`);
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  }
}

await main();
