import { spawn } from 'node:child_process';

interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string | undefined;
  /** Added to this process's own environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts a program that outlives its caller, the caller's terminal and its pipes, prints its pid and ends. Usage:
 * `node launch.js <base64 of JSON {file, args, cwd, env}>`. Exit code 2: argument not understood; 1: not spawned.
 */
function parse(argument: string): Launch | null {
  try {
    const { file, args, cwd, env } = JSON.parse(Buffer.from(argument, 'base64').toString('utf8'));
    const valid =
      typeof file === 'string' &&
      Array.isArray(args) &&
      args.every((one) => typeof one === 'string') &&
      (cwd == null || typeof cwd === 'string') &&
      (env == null ||
        (typeof env === 'object' && Object.values(env).every((one) => typeof one === 'string')));
    return valid ? { file, args, cwd: cwd ?? undefined, env: env ?? {} } : null;
  } catch {
    return null;
  }
}

function launch({ file, args, cwd, env }: Launch): void {
  const child = spawn(file, args, {
    ...(cwd === undefined ? {} : { cwd }),
    // The mark keeps what is launched here out of the tree of a service that launched it (see host/procfs.ts).
    env: { ...process.env, ...env, ORCHESTRATOR_DETACHED: '1' },
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  });
  child.once('error', (error) => {
    process.stderr.write(`${file} could not be started: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.once('spawn', () => process.stdout.write(`${child.pid}\n`));
  child.unref();
}

const request = parse(process.argv[2] ?? '');
if (request === null) {
  process.stderr.write('The argument is not base64 of JSON with file, args, cwd and env.\n');
  process.exitCode = 2;
} else {
  launch(request);
}
