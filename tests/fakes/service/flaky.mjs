// A service that dies at once while its cue file says "crash", and otherwise answers HTTP.
// Arguments: port, cue file.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [port, cueFile] = process.argv.slice(2);
appendFileSync(`${cueFile}.starts`, `${process.pid} ${Date.now()}\n`);
if (existsSync(cueFile) && readFileSync(cueFile, 'utf8').trim() === 'crash') {
  console.error('flaky: the cue says crash');
  process.exit(3);
}
createServer((_request, response) => response.end('ok')).listen(Number(port), '127.0.0.1');
