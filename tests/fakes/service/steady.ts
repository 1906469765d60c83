/**
 * A well-behaved program: says its pid, its folder and the variables named as arguments, then waits. Ends politely on
 * SIGINT, SIGTERM and the message `shutdown`, after STOP_MS milliseconds.
 */
const { STOP_MS = '0' } = process.env;
const bye = (why: string) => {
  process.stdout.write(`bye ${why}\n`);
  setTimeout(() => process.exit(0), Number(STOP_MS));
};
process.on('SIGINT', () => bye('SIGINT'));
process.on('SIGTERM', () => bye('SIGTERM'));
process.on('message', (message) => message === 'shutdown' && bye('shutdown'));
const seen = Object.fromEntries(process.argv.slice(2).map((name) => [name, process.env[name] ?? null]));
process.stdout.write(`up ${JSON.stringify({ pid: process.pid, cwd: process.cwd(), seen })}\n`);
process.stderr.write('first words on stderr\n');
setInterval(() => {}, 60_000);
