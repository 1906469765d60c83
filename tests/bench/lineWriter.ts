// Appends lines of 100 bytes at a steady rate. Each holds its number and when it was written.
import { appendFileSync } from 'node:fs';
import { sleep } from '../until.ts';

const [, , path = '', rate = '0', seconds = '0'] = process.argv;
const everyMs = 10;
const perTick = Math.round((Number(rate) * everyMs) / 1000);
const total = Number(rate) * Number(seconds);
const began = performance.now();

for (let number = 0, tick = 1; number < total; tick += 1) {
  const now = (performance.timeOrigin + performance.now()).toFixed(2);
  let text = '';
  for (let count = 0; count < perTick && number < total; count += 1, number += 1) {
    text += `${`${number} ${now} `.padEnd(99, 'x')}\n`;
  }
  appendFileSync(path, text);
  const wait = began + tick * everyMs - performance.now();
  if (wait > 0) await sleep(wait);
}
