import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type FakeBridge, fakeBridge, isAlive, until } from './fixture.ts';

// Each start of PowerShell takes a second or two, more on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let bridge: FakeBridge;

beforeAll(async () => {
  bridge = fakeBridge();
  await bridge.warm();
});
afterAll(() => bridge.dispose());

const session = async () => (await bridge.call('Get-FakeSession', {})).data[0] ?? { processId: 0 };

describe('answers', () => {
  test('each of many calls at once gets its own', async () => {
    const values = Array.from({ length: 30 }, (_, i) => `value ${i}`);
    const answers = await Promise.all(values.map((Value) => bridge.call('Get-FakeEcho', { Value })));
    expect(answers.map(({ data }) => data[0]?.value)).toEqual(values);
  });

  test('streams become records in their order, and errors of items leave the call a success', async () => {
    const { data, records } = await bridge.call('Write-FakeStream', {});
    expect(data).toEqual(['one', 'two']);
    expect(records).toEqual([
      { level: 'error', code: 'ORC2001', message: 'item 2 is missing' },
      { level: 'error', code: null, message: 'without a code' },
      { level: 'warning', code: null, message: 'a warning' },
      { level: 'warning', code: 'ORC5001', message: 'ORC5001: a warning with a code' },
      { level: 'information', code: null, message: 'an information' },
      { level: 'information', code: null, message: 'from the host' },
      { level: 'verbose', code: null, message: 'a verbose line' },
      { level: 'debug', code: null, message: 'a debug line' },
    ]);
  });

  test('a terminating error has its code, category, text, target and the records before it', async () => {
    await expect(bridge.call('Invoke-FakeError', { Kind: 'registered' })).rejects.toMatchObject({
      code: 'ORC2001',
      category: 'ObjectNotFound',
      target: 'x',
      message: 'ORC2001: Службы "x" нет. “Why”. Fix.',
      records: [{ level: 'warning', code: null, message: 'before the end' }],
    });
  });

  test.each(['thrown', 'dotnet', 'inner', 'unknownCode'])(
    'an error without a known code is ORC3001: %s',
    async (Kind) => {
      const { failures, starts } = bridge.stats;
      await expect(bridge.call('Invoke-FakeError', { Kind })).rejects.toMatchObject({ code: 'ORC3001' });
      expect(bridge.stats).toMatchObject({ starts, failures });
    },
  );

  test('a value that the cmdlet refuses is ORC3003', async () => {
    const call = bridge.call('Invoke-FakeError', { Number: 9 });
    await expect(call).rejects.toMatchObject({ code: 'ORC3003', cmdlet: 'Invoke-FakeError' });
  });

  test('an answer of another shape than the contract says is no result', async () => {
    const call = bridge.call('Invoke-FakeError', { Kind: 'number' });
    await expect(call).rejects.toMatchObject({ code: 'ORC3006' });
  });

  test('a stray break ends the cmdlet and nothing else', async () => {
    expect((await bridge.call('Invoke-FakeError', { Kind: 'break' })).data).toEqual(['before']);
  });

  test('what programs print past PowerShell does not reach the answer', async () => {
    for (let i = 0; i < 3; i += 1) {
      const { data, records } = await bridge.call('Write-FakeNoise', {});
      expect(data).toEqual(['captured']);
      expect(records).toEqual([{ level: 'error', code: null, message: 'captured too' }]);
    }
  });

  test('names lose their capital, dictionaries keep theirs, dates and enums are text', async () => {
    const [shape, deep] = (await bridge.call('Get-FakeShape', {})).data;
    expect(shape).toEqual({
      at: '2025-01-02T03:04:05.000Z',
      offset: '2025-01-02T03:04:05.000Z',
      color: 'Green',
      dayOfWeek: 'Friday',
      nested: { innerName: { uRL: 1 } },
      dictionary: { Key: 1, Other: { deep: true } },
      list: [{ a: 1 }, null, [], [1]],
      single: ['one'],
      version: '1.2.3',
      guid: '00000000-0000-0000-0000-000000000000',
      char: 'c',
      naN: null,
      half: 0.5,
      long: Number.MAX_SAFE_INTEGER,
      switch: true,
      line: 'Set-StrictMode -Version Latest',
      file: expect.stringMatching(/Orchestrator\.psm1$/),
    });
    expect(JSON.stringify(deep).match(/"down"/g)?.length).toBe(10);
  });
});

describe('the session', () => {
  test('nothing leaks from one call into the next', async () => {
    const before = await session();
    const { records } = await bridge.call('Set-FakeSession', {});
    expect(records).toEqual([{ level: 'error', code: null, message: 'left in $Error' }]);
    const after = await session();
    expect(after).toEqual(before);
    expect(after).toMatchObject({
      leaked: [],
      variable: false,
      errorAction: 'Continue',
      ofs: false,
      defaults: 0,
      environment: false,
    });
  });

  test('PowerShell runs without profile, colour or terminal, and keeps no history', async () => {
    const { term, noColor, commandLine, history, processId } = await session();
    expect({ term, noColor, history }).toEqual({ term: 'dumb', noColor: '1', history: 1 });
    expect(commandLine).toContain(' -NoLogo -NoProfile ');
    expect(commandLine).not.toContain('-NonInteractive');
    expect(processId).toBe(bridge.stats.pid);
  });

  test('a child that a cmdlet leaves behind disturbs nothing and ends with the shell', async () => {
    const own = fakeBridge();
    try {
      const [child] = (await own.call('Start-FakeChild', {})).data;
      expect((await own.call('Get-FakeEcho', { Value: 1 })).data[0]?.value).toBe(1);
      expect(await isAlive(child ?? 0)).toBe(true);
      await own.dispose();
      await until(async () => !(await isAlive(child ?? 0)));
    } finally {
      await own.dispose();
    }
  });
});
