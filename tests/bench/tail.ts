import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import type { LogBatch } from '../../core/contract/logs.ts';
import { root } from '../e2e/stack.ts';
import { freePort } from '../freePort.ts';
import { sleep, until } from '../until.ts';
import { createStateFolder } from '../vitest/web/stateFolder.ts';
import { median, memoryOf, quantile, untilAnswers } from './measure.ts';
import { type Row, show } from './report.ts';

const rate = 60_000;
const seconds = 5;
const backlog = 1_000_000;

interface Panel {
  readonly port: number;
  readonly pid: number;
  /** Live file of the log that is measured. */
  readonly file: string;
  end(): Promise<void>;
}

/** The built panel alone, as a service host starts it. */
async function startPanel(): Promise<Panel> {
  const port = await freePort();
  const { manifest, manifestPath, dataDir } = await createStateFolder({
    port,
    change: (given) => ({
      ...given,
      services: given.services.map((service) => ({
        ...service,
        logs: {
          ...service.logs,
          stdout: join(given.paths.logs, `${service.id}-stdout.log`),
          stderr: join(given.paths.logs, `${service.id}-stderr.log`),
        },
      })),
    }),
  });
  mkdirSync(manifest.paths.logs);
  const { command } = manifest.services.find(({ id }) => id === 'panel') ?? {};
  const child = spawn(process.execPath, command?.args ?? [], {
    cwd: root,
    stdio: 'ignore',
    env: { ...process.env, ORCHESTRATOR_MANIFEST: manifestPath, ORCHESTRATOR_SERVICE_ID: 'panel' },
  });
  if ((await untilAnswers(port, 10_000, '/api/health')) === null)
    throw new Error('the panel does not answer');
  return {
    port,
    pid: child.pid ?? 0,
    file: join(manifest.paths.logs, 'comfyui-stdout.log'),
    async end() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGINT');
      await ended;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

interface Reader {
  lines: number;
  /** Lines that did not come in their order, or not at all. */
  wrong: number;
  readonly latencies: number[];
  /** Id of the last event. */
  cursor: string;
  close(): void;
}

/** Reads the events as a browser does, and looks at the number and the time in each line. */
function read(port: number, query: string): Reader {
  const reader: Reader = { lines: 0, wrong: 0, latencies: [], cursor: '', close: () => outgoing.destroy() };
  const take = (batches: readonly LogBatch[]): void => {
    const now = performance.timeOrigin + performance.now();
    for (const { lines, gap, at } of batches) {
      reader.wrong += gap?.lines ?? 0;
      for (const line of lines) {
        const [number, written] = line.split(' ', 2);
        if (Number(number) !== reader.lines) reader.wrong += 1;
        reader.lines += 1;
        if (at !== null) reader.latencies.push(now - Number(written));
      }
    }
  };
  let rest = '';
  const outgoing = get(
    { host: 'localhost', port, path: `/api/events?${query}`, agent: false },
    (response) => {
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        const blocks = (rest + chunk).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const [, id, data] = /^id: (.*)\nevent: logs\ndata: (.*)$/m.exec(block) ?? [];
          if (id === undefined || data === undefined) continue;
          reader.cursor = id;
          take(JSON.parse(data) as LogBatch[]);
        }
      });
      response.on('error', () => {});
    },
  );
  outgoing.on('error', () => {});
  return reader;
}

/** Lines that are written at a steady rate while somebody watches. */
async function live({ port, file }: Panel, add: (row: Row) => void): Promise<void> {
  writeFileSync(file, '');
  const reader = read(port, 'logs=comfyui&tail=0');
  await sleep(1000);
  const writer = spawn(process.execPath, [
    join(import.meta.dirname, 'lineWriter.ts'),
    file,
    String(rate),
    String(seconds),
  ]);
  const began = performance.now();
  await until('all lines', () => reader.lines >= rate * seconds, { timeoutMs: 60_000, everyMs: 5 });
  const perSecond = (rate * seconds) / ((performance.now() - began) / 1000);
  writer.kill();
  reader.close();
  const p99 = quantile(reader.latencies, 0.99);
  add({
    what: 'log: write → client p99 at 60 000 lines/s',
    figure: `${Math.round(p99)} ms (p50 ${Math.round(median(reader.latencies))} ms)`,
    target: '≤ 150 ms',
    met: p99 <= 150,
  });
  add({
    what: 'log: lines per second to one client, as they are written',
    figure: `${Math.round(perSecond).toLocaleString('en')} (lost or doubled: ${reader.wrong})`,
    target: '≥ 50 000, none lost',
    met: perSecond >= 50_000 && reader.wrong === 0,
  });
}

/** A client that comes back after a million lines gets them all, as fast as it takes them. */
async function comingBack({ port, file }: Panel, add: (row: Row) => void): Promise<void> {
  writeFileSync(file, '');
  const first = read(port, 'logs=comfyui&tail=0');
  await sleep(500);
  appendFileSync(file, `${'0 0 '.padEnd(99, 'x')}\n`);
  await until('a cursor', () => first.cursor !== '');
  first.close();
  for (let number = 1; number <= backlog; number += 100_000) {
    const lines = Array.from({ length: 100_000 }, (_, at) => `${`${number + at} 0 `.padEnd(99, 'x')}\n`);
    appendFileSync(file, lines.join(''));
  }
  const began = performance.now();
  const second = read(port, `logs=comfyui&after=${encodeURIComponent(first.cursor)}`);
  second.lines = 1;
  await until('all lines', () => second.lines > backlog, { timeoutMs: 60_000, everyMs: 5 });
  const perSecond = backlog / ((performance.now() - began) / 1000);
  second.close();
  add({
    what: 'log: lines per second to a client that comes back',
    figure: `${Math.round(perSecond).toLocaleString('en')} (lost or doubled: ${second.wrong})`,
    target: '≥ 50 000, none lost',
    met: perSecond >= 50_000 && second.wrong === 0,
  });
}

/** The last 200 lines of 10 GB, asked for as the page does. */
async function large({ port, file, pid }: Panel, add: (row: Row) => void): Promise<void> {
  const handle = await open(file, 'w');
  await handle.truncate(10 * 2 ** 30);
  await handle.write(`\n${'a line of a log\n'.repeat(300)}`, 10 * 2 ** 30);
  await handle.close();
  const times: number[] = [];
  const before = memoryOf(pid).privateMb;
  for (let round = 0; round < 30; round += 1) {
    const began = performance.now();
    const answer = await fetch(`http://localhost:${port}/api/logs/comfyui?stream=stdout&tail=200`);
    const { lines } = (await answer.json()) as { lines: unknown[] };
    if (lines.length === 200) times.push(performance.now() - began);
  }
  const grown = memoryOf(pid).privateMb - before;
  const slow = quantile(times, 0.95);
  add({
    what: 'log: last 200 lines of 10 GB',
    figure: `${median(times).toFixed(1)} ms (p95 ${slow.toFixed(1)} ms, ${grown.toFixed(1)} MB more)`,
    target: '≤ 30 ms, memory flat',
    met: times.length === 30 && median(times) <= 30 && grown < 8,
  });
}

/** Logs in the panel: how many lines how fast, and how soon the end of a long one is there. */
export async function tail(): Promise<Row[]> {
  const rows: Row[] = [];
  const add = (row: Row) => {
    rows.push(row);
    show(row);
  };
  const panel = await startPanel();
  try {
    await large(panel, add);
    await live(panel, add);
    await comingBack(panel, add);
  } finally {
    await panel.end();
  }
  return rows;
}
