import type { Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { compose, type Program } from './compose.ts';
import { help, usage } from './flags.ts';
import { type Options, readOptions, UsageError } from './options.ts';
import { profileOf } from './versions/index.ts';

const urlHost = (address: string): string => (address.includes(':') ? `[${address}]` : address);

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });

function portTaken(options: Options, address: string, error: NodeJS.ErrnoException): string {
  if (profileOf(options.version).portTakenText)
    return `Port ${options.port} is already in use on address ${address}. Please close the other application or use a different port with --port.`;
  return `Traceback (most recent call last):\nOSError: [Errno ${Math.abs(error.errno ?? 0)}] error while attempting to bind on address ('${address}', ${options.port}): address already in use`;
}

function parseOrExit(argv: readonly string[]): Options {
  try {
    const options = readOptions(argv);
    if (options !== 'help') return options;
    process.stdout.write(`${help()}\n`);
    return process.exit(0);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${usage()}\nmain.ts: error: ${error.message}\n`);
    return process.exit(2);
  }
}

async function openPorts(options: Options, { log, createServer }: Program): Promise<Server[]> {
  const servers: Server[] = [];
  for (const address of options.listen) {
    const server = createServer();
    try {
      await listen(server, options.port, address);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE') log.line(portTaken(options, address, error as NodeJS.ErrnoException));
      else log.line(`Cannot listen on ${address}: ${code ?? String(error)}`);
      process.exit(1);
    }
    servers.push(server);
  }
  return servers;
}

function announce(servers: readonly Server[], { log }: Program): void {
  log.line('Starting server\n');
  for (const server of servers) {
    const address = server.address();
    if (address && typeof address === 'object')
      log.line(`To see the GUI go to: http://${urlHost(address.address)}:${address.port}`);
  }
  log.line('This is the demo ComfyUI: it has no models and draws test pictures.');
}

/** Calls `stop` once, on whatever asks the program to stop. */
function onStop(stop: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGBREAK'] as const) process.once(signal, stop);
  process.on('message', (message) => {
    if (message === 'shutdown') stop();
  });
}

/** The whole program, from the command line to the exit code. */
export async function run(argv: readonly string[]): Promise<void> {
  const options = parseOrExit(argv);
  const stopping = new AbortController();
  const program = compose(options, argv, stopping.signal);
  const { log, folders } = program;
  let servers: Server[] = [];
  onStop(() => {
    stopping.abort();
    program.closeSockets();
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    folders.emptyTemp();
    log.line('\nStopped server');
    process.exit(0);
  });
  log.line(`Setting output directory to: ${folders.paths.output}`);
  log.line(`Setting input directory to: ${folders.paths.input}`);
  log.line(`Setting temp directory to: ${folders.paths.temp}`);
  folders.create();
  for (const line of profileOf(options.version).startLines) log.line(line);
  if (options.startDelay > 0) await wait(options.startDelay, undefined, { signal: stopping.signal });
  servers = await openPorts(options, program);
  if (options.announce) announce(servers, program);
  await program.work();
}
