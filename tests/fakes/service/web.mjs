// A tiny service for tests: answers HTTP and does on cue what services do in the field.
// Usage: node web.mjs --port N [--host H] [--ready-after MS] [--exit-after MS] [--exit-code N] [--status N]
//        [--stubborn] [--beat FILE] [--lines N]
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    'ready-after': { type: 'string', default: '0' },
    'exit-after': { type: 'string', default: '-1' },
    'exit-code': { type: 'string', default: '1' },
    status: { type: 'string', default: '200' },
    stubborn: { type: 'boolean', default: false },
    beat: { type: 'string', default: '' },
    lines: { type: 'string', default: '0' },
  },
});
const number = (name) => Number(values[name]);
const started = Date.now();

const server = createServer((request, response) => {
  const ready = Date.now() - started >= number('ready-after');
  response.writeHead(ready ? number('status') : 503, { 'content-type': 'application/json' });
  const own = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => /^(ORCHESTRATOR_|TEST_)/.test(name)),
  );
  response.end(JSON.stringify({ pid: process.pid, url: request.url, args: process.argv.slice(2), env: own }));
});

if (number('port') > 0)
  server.listen(number('port'), values.host, () => console.log(`listening on ${values.port}`));
else setInterval(() => {}, 1000);
for (let i = 0; i < number('lines'); i += 1) console.log(`line ${i}`);

if (number('exit-after') >= 0) {
  setTimeout(() => {
    console.error('giving up');
    process.exit(number('exit-code'));
  }, number('exit-after'));
}

// The heartbeat of a guardian that has nothing to say.
if (values.beat) {
  let cycle = 0;
  const startedAt = new Date().toISOString();
  const beat = () => {
    const content = {
      version: 1,
      processId: process.pid,
      startedAt,
      at: new Date().toISOString(),
      cycle: cycle++,
    };
    writeFileSync(
      values.beat,
      JSON.stringify({ ...content, services: {}, disks: [], memory: null, incidents: [] }),
    );
  };
  beat();
  setInterval(beat, 200);
}

const end = () => {
  if (values.stubborn) return;
  console.log('stopping');
  process.exit(0);
};
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end);
process.on('message', (message) => message === 'shutdown' && end());
