// Writes numbered lines and rotates in between as NSSM may: several times within a moment, in the middle of lines.
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { rotatedName } from '../../../core/logs/rotatedName.ts';
import { sleep } from '../../until.ts';

const [, , path = '', lines = '0', seed = '1'] = process.argv;
let random = Number(seed);
const next = (limit: number) => {
  random = (random * 48_271) % 2_147_483_647;
  return random % limit;
};
let stamp = Date.now();
let file = openSync(path, 'a');

function rotate(): void {
  closeSync(file);
  stamp += 1;
  renameSync(path, path.replace('alpha-stdout.log', rotatedName(path, stamp)));
  file = openSync(path, 'a');
}

for (let number = 1; number <= Number(lines); ) {
  let text = '';
  for (let count = 1 + next(400); count > 0 && number <= Number(lines); count -= 1, number += 1)
    text += `${number}\n`;
  if (next(25) === 0) {
    // Torn over up to four files.
    for (let times = next(4); times > 0; times -= 1) {
      const cut = next(text.length);
      writeSync(file, text.slice(0, cut));
      text = text.slice(cut);
      rotate();
    }
  }
  writeSync(file, text);
  if (next(3) === 0) await sleep(next(8));
}
closeSync(file);
