import { expect, test } from 'vitest';
import { OrchestratorError } from '../../../core/contract/errors.ts';
import { createManagerWatch } from '../../../guardian/managerWatch.ts';

type Change = 'none' | 'settling' | 'stopped' | 'started' | 'restarted' | 'busy';

function rig() {
  let now = 1_000_000;
  let answer: () => Promise<{ change: Change }> = async () => ({ change: 'none' });
  const lines: string[] = [];
  let calls = 0;
  const note = (_: unknown, text: string) => void lines.push(text);
  const log = { info: note, warn: note, error: note, debug: note } as never;
  const bridge = {
    call: async (name: string) => {
      expect(name).toBe('Sync-OrchestratorService');
      calls += 1;
      const { change } = await answer();
      return { data: [{ id: 'panel', state: 'Running', processId: 5, change }], records: [] };
    },
  } as never;
  return {
    watch: createManagerWatch({ bridge, now: () => now, log }),
    lines,
    pass: (ms: number) => {
      now += ms;
    },
    answers: (next: typeof answer) => {
      answer = next;
    },
    calls: () => calls,
  };
}

test('asks every five seconds, and at once when something must be explained', async () => {
  const { watch, pass, calls } = rig();
  expect(watch.answered).toBe(false);
  expect(await watch.ask(false)).toBe(true);
  expect(watch.answered).toBe(true);
  pass(4900);
  expect(await watch.ask(false)).toBe(false);
  pass(100);
  expect(await watch.ask(false)).toBe(true);
  pass(100);
  expect(await watch.ask(true)).toBe(false);
  pass(150);
  expect(await watch.ask(true)).toBe(true);
  expect(calls()).toBe(3);
});

test('asks one question at a time', async () => {
  const { watch, answers, calls } = rig();
  const { promise, resolve } = Promise.withResolvers<{ change: Change }>();
  answers(() => promise);
  const first = watch.ask(true);
  expect(await watch.ask(true)).toBe(false);
  resolve({ change: 'none' });
  expect(await first).toBe(true);
  expect(calls()).toBe(1);
});

test('tells what an operator did, and nothing of what is usual', async () => {
  const { watch, answers, lines, pass } = rig();
  for (const change of ['none', 'settling', 'busy', 'stopped'] as const) {
    answers(async () => ({ change }));
    pass(5000);
    await watch.ask(false);
  }
  expect(lines).toEqual(['panel: an operator has stopped it through the service manager']);
});

test('a PowerShell that does not answer is told of once, asked rarely, and never rejects', async () => {
  const { watch, answers, lines, pass, calls } = rig();
  answers(() => Promise.reject(new OrchestratorError('ORC3005', { detail: 'none' })));
  for (let i = 0; i < 4; i += 1) {
    expect(await watch.ask(true)).toBe(false);
    pass(2500);
  }
  expect(calls()).toBe(2);
  expect(lines.filter((line) => line.includes('cannot be asked'))).toHaveLength(1);
  expect(watch.answered).toBe(false);
  answers(async () => ({ change: 'none' }));
  expect(await watch.ask(true)).toBe(true);
  expect(lines.at(-1)).toBe('the service manager can be asked again');
});

test('a clock that was set back does not silence it', async () => {
  const { watch, pass } = rig();
  await watch.ask(false);
  pass(-3_600_000);
  expect(await watch.ask(false)).toBe(true);
});
