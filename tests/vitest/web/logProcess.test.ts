import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { memoryOf } from '../../bench/measure.ts';
import { freePort } from '../../freePort.ts';
import { sleep, until } from '../../until.ts';
import { ask } from './panelUnderTest.ts';
import { createStateFolder } from './stateFolder.ts';

/** The panel as a process of its own, so that only its memory is measured. */
async function startProcess(program: string) {
  const port = await freePort();
  const folder = await createStateFolder({
    port,
    change: (manifest) => ({
      ...manifest,
      services: manifest.services.map((service) => ({
        ...service,
        logs: {
          ...service.logs,
          stdout: join(manifest.paths.logs, `${service.id}-stdout.log`),
          stderr: join(manifest.paths.logs, `${service.id}-stderr.log`),
        },
      })),
    }),
  });
  mkdirSync(folder.manifest.paths.logs);
  writeFileSync(join(folder.dataDir, 'package.json'), JSON.stringify({ version: '0.0.0' }));
  const flags = [
    '--max-semi-space-size=1',
    '--max-old-space-size=192',
    '--disable-warning=ExperimentalWarning',
  ];
  const child = spawn(process.execPath, [...flags, program], {
    env: {
      PATH: process.env.PATH,
      ORCHESTRATOR_MANIFEST: folder.manifestPath,
      ORCHESTRATOR_SERVICE_ID: 'panel',
      ORCHESTRATOR_ROOT: folder.dataDir,
    },
    stdio: 'ignore',
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await rm(folder.dataDir, { recursive: true, force: true });
  });
  const health = () =>
    ask(port, '/api/health').then(
      ({ status }) => status === 200,
      () => false,
    );
  await until('the panel answers', health, { timeoutMs: 10_000 });
  return { port, pid: child.pid ?? 0, file: join(folder.manifest.paths.logs, 'comfyui-stdout.log') };
}

/** A reader of the stream that counts what it gets, or takes nothing for a while. */
function openReader(port: number) {
  const socket = connect({ host: '127.0.0.1', port });
  onTestFinished(() => void socket.destroy());
  socket.setEncoding('latin1');
  socket.write(`GET /api/events?logs=comfyui HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
  const seen = { lines: 0, gap: { lines: 0, bytes: 0 }, text: '' };
  socket.on('data', (chunk: string) => {
    const text = seen.text.slice(-200) + chunk;
    seen.lines += chunk.split('#').length - 1;
    const [, lines, bytes] = /"gap":\{"lines":(\d+),"bytes":(\d+)\}/.exec(text) ?? [];
    if (lines !== undefined) seen.gap = { lines: Number(lines), bytes: Number(bytes) };
    seen.text = text.slice(-500);
  });
  return { socket, seen };
}

test.runIf(process.platform === 'linux')(
  'a reader that takes nothing costs no memory, holds up nobody, and finds a counted gap',
  async () => {
    const { port, pid, file } = await startProcess(join('web', 'server', 'main.ts'));
    writeFileSync(file, '');
    const slow = openReader(port);
    const fast = openReader(port);
    await sleep(500);
    slow.socket.pause();
    const line = `#${'x'.repeat(998)}\n`;
    let written = 0;
    const writeMegabytes = async (count: number) => {
      for (let round = 0; round < count; round += 1) {
        appendFileSync(file, line.repeat(1000));
        written += 1000;
        await until('a megabyte', () => fast.seen.lines === written, { timeoutMs: 5000, everyMs: 5 });
      }
    };
    await writeMegabytes(20);
    const before = memoryOf(pid).privateMb;
    await writeMegabytes(60);
    const grown = memoryOf(pid).privateMb - before;
    console.log(`private memory ${before.toFixed(1)} MB, after 60 MB more ${grown.toFixed(1)} MB more`);
    expect(grown).toBeLessThan(20);
    expect(fast.seen.gap.lines).toBe(0);

    slow.socket.resume();
    await until('the gap', () => slow.seen.gap.lines > 0, { timeoutMs: 5000 });
    appendFileSync(file, 'the end\n');
    await until('the end', () => slow.seen.text.includes('the end'), { timeoutMs: 5000 });
    expect(slow.seen.lines + slow.seen.gap.lines).toBe(written);
    expect(slow.seen.gap.bytes).toBe(slow.seen.gap.lines * 1000);
  },
  40_000,
);

test('the built panel follows and searches: its lazy parts and its worker are where it looks for them', async () => {
  const { port, file } = await startProcess(join('dist', 'panel', 'main.js'));
  writeFileSync(file, '#needle\n');
  const reader = openReader(port);
  await until('the last line', () => reader.seen.lines === 1, { timeoutMs: 5000 });
  appendFileSync(file, '#more\n');
  await until('the next line', () => reader.seen.lines === 2, { timeoutMs: 5000 });
  const { text } = await ask(port, '/api/logs/comfyui/search?pattern=needle');
  expect(text).toContain('"text":"#needle"');
  expect(text.trim().split('\n').at(-1)).toBe('{"kind":"end","matches":1,"truncated":false}');
});
