// The one entry behind every npm script. Runs on any Node from 18 on: it brings the Node it needs and starts over on it.
import { ensureNode } from './node.mjs';
import { Failure, reportFailure } from './report.mjs';

const commands = [
  'start',
  'stop',
  'status',
  'dev',
  'test',
  'check',
  'build',
  'schema',
  'bench',
  'package',
  'smoke',
  'screenshots',
];

async function main() {
  const [name, ...args] = process.argv.slice(2);
  if (!commands.includes(name)) {
    throw new Failure({
      what: `There is no command "${name ?? ''}".`,
      why: `The commands are: ${commands.join(', ')}.`,
      fix: 'Run for example: npm start',
    });
  }
  if (await ensureNode({ name })) return;
  const { run } = await import(`./commands/${name}.mjs`);
  process.exitCode = await run(args);
}

main().catch((error) => {
  reportFailure(error);
  process.exitCode = 1;
});
