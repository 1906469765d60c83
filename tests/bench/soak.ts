import { appendFileSync } from 'node:fs';
import { request } from 'node:http';
import { Stack } from '../e2e/stack.ts';
import { sleep } from '../until.ts';
import { median, memoryOf } from './measure.ts';
import { type Row, show } from './report.ts';

const viewers = 20;
/** Between two looks at the memory; a short run looks more often. */
const sampleMs = 10_000;
/** The first minute fills caches and heaps to what they will be. */
const warmUpShare = 0.1;

/** One viewer: stays for some seconds with what a page follows, leaves without a word, and comes back. */
async function view({
  port,
  path,
  until,
  counts,
}: {
  port: number;
  path: string;
  until: number;
  counts: { events: number };
}): Promise<void> {
  while (performance.now() < until) {
    await new Promise<void>((resolve) => {
      const call = request(
        {
          host: '127.0.0.1',
          port,
          path,
          agent: false,
        },
        (response) => {
          response.on('data', () => {
            counts.events += 1;
          });
          response.on('close', resolve);
        },
      );
      call.on('error', () => resolve());
      call.end();
      setTimeout(() => call.destroy(), 3000 + Math.random() * 20_000).unref();
    });
    await sleep(200 + Math.random() * 2000);
  }
}

/**
 * Memory of the panel while viewers join and leave for `minutes`, and a log is written all the time. Flat: of the samples
 * after a tenth to warm up, the median of the last third is at most 1.15 times that of the first.
 */
export async function soak({
  minutes,
  logs,
}: {
  minutes: number;
  /** What each viewer follows, with commas between; none when empty. */
  logs: string;
}): Promise<Row[]> {
  const rows: Row[] = [];
  const add = (row: Row) => {
    rows.push(row);
    show(row);
  };
  const stack = await Stack.create({ folder: 'bench-soak' });
  try {
    await stack.install();
    await stack.healthy('comfyui');
    await sleep(15_000);
    const { port } = stack.service('panel');
    const pid = stack.pid('panel');
    const idle = memoryOf(pid).privateMb;
    add({
      what: 'panel idle before the soak',
      figure: `${idle.toFixed(1)} MB`,
      target: '≤ 45 MB',
      met: idle <= 45,
    });
    const log = stack.service('comfyui').logs.stdout;
    const until = performance.now() + minutes * 60_000;
    const counts = { events: 0 };
    const path = `/api/events?with=host,comfy${logs && `&logs=${logs}&tail=200`}`;
    const all = Array.from({ length: viewers }, () => view({ port: port ?? 0, path, until, counts }));
    let line = 0;
    const writer = setInterval(() => {
      appendFileSync(log, Array.from({ length: 20 }, (_, index) => `soak line ${line + index}\n`).join(''));
      line += 20;
    }, 100);
    const samples: number[] = [];
    while (performance.now() < until) {
      await sleep(Math.min(sampleMs, minutes * 5000));
      samples.push(memoryOf(pid).privateMb);
    }
    clearInterval(writer);
    await Promise.all(all);
    const steady = samples.slice(Math.ceil(samples.length * warmUpShare));
    const third = Math.floor(steady.length / 3);
    const [first, last] = [median(steady.slice(0, third)), median(steady.slice(-third))];
    const growth = last / first;
    add({
      what: `soak of ${minutes} min, ${viewers} viewers joining and leaving`,
      figure: `${first.toFixed(1)} → ${last.toFixed(1)} MB (${growth.toFixed(2)} ×, ${counts.events} events)`,
      target: 'flat: ≤ 1.15 ×',
      met: growth <= 1.15 && counts.events > 0,
    });
    await sleep(20_000);
    const after = memoryOf(pid).privateMb;
    add({
      what: 'panel after the soak, nobody there',
      figure: `${after.toFixed(1)} MB`,
      target: '',
      met: null,
    });
  } finally {
    await stack.close();
  }
  return rows;
}
