import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../until.ts';
import { command, processesNaming, root, run, Stack } from './stack.ts';

const stacks: Stack[] = [];

async function newStack(): Promise<Stack> {
  const stack = await Stack.create({ folder: 'команды npm' });
  stacks.push(stack);
  return stack;
}

const npm = (stack: Stack, name: string, ...args: string[]) =>
  run(process.execPath, [`${root}bootstrap/run.mjs`, name, ...args], stack.env());

afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.close();
});

describe('the npm commands', () => {
  test('start shows three healthy services, start again is quick and changes nothing, stop leaves nothing', async () => {
    const stack = await newStack();
    const first = await npm(stack, 'start');
    expect(first.stderr).toBe('');
    expect(first.code).toBe(0);
    for (const name of ['panel', 'comfyui', 'guardian']) expect(first.stdout).toMatch(new RegExp(name, 'i'));
    expect(first.stdout).toContain(`http://localhost:${stack.service('panel').port}`);
    const pids = ['panel', 'comfyui', 'guardian'].map((id) => stack.pid(id));

    const since = Date.now();
    const second = await npm(stack, 'start');
    expect(second.stdout + second.stderr).not.toContain('ORC');
    expect(second.code).toBe(0);
    expect(Date.now() - since).toBeLessThan(10_000);
    expect(['panel', 'comfyui', 'guardian'].map((id) => stack.pid(id))).toEqual(pids);

    const status = await npm(stack, 'status');
    expect(status.code).toBe(0);
    for (const line of status.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);

    const stop = await npm(stack, 'stop');
    expect(stop.code).toBe(0);
    expect(await stack.leftovers()).toEqual([]);
  });

  test('stop with nothing running is harmless', async () => {
    const stack = await newStack();
    const result = await npm(stack, 'stop');
    expect(result.stderr).toBe('');
    expect(result.code).toBe(0);
  });

  test('an unknown option says what the options are', async () => {
    const stack = await newStack();
    const result = await npm(stack, 'start', '--comfy', 'x');
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('--help');
  });

  test.each([1200, 2500, 4500])('Ctrl+C %i ms into a start leaves nothing behind', async (ms) => {
    const stack = await newStack();
    const child = command('start', [], stack.env());
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    const exit = once(child, 'exit');
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (child.exitCode === null && child.pid) process.kill(-child.pid, 'SIGINT');
    const [code] = await exit;
    if (code === 0) return expect(output).toContain('healthy');
    await until('nothing is left', () => processesNaming(stack.folder).length === 0, { timeoutMs: 20_000 });
    expect(code).toBe(130);
  });
});
