/** Writes numbered lines to stdout as fast as it can, says `done` on stderr, then waits or ends with `code`. */
const count = Number(process.argv[2] ?? 1000);
const code = process.argv[3];
const padding = 'х'.repeat(20);
let next = 0;

function writeMore(): void {
  while (next < count) {
    const lines: string[] = [];
    for (let i = 0; i < 500 && next < count; i += 1, next += 1) lines.push(`${next} ${padding}\n`);
    if (!process.stdout.write(lines.join(''))) {
      process.stdout.once('drain', writeMore);
      return;
    }
  }
  process.stdout.write('', () => process.stderr.write('done\n'));
  if (code !== undefined) process.exitCode = Number(code);
  else setInterval(() => {}, 60_000);
}

writeMore();
