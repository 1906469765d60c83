import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type FakeBridge, fakeBridge } from './fixture.ts';

// Each start of PowerShell takes a second or two, more on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let bridge: FakeBridge;
let folder: string;
/** A file that an injection would make. */
let trap: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bridge-'));
  trap = join(folder, 'trap');
  bridge = fakeBridge();
  await bridge.warm();
});
afterAll(async () => {
  await bridge.dispose();
  await rm(folder, { recursive: true, force: true });
});

const echo = async (value: unknown) => (await bridge.call('Get-FakeEcho', { Value: value })).data[0]?.value;
const touch = () => `New-Item '${trap}'`;

const hostile: Record<string, () => string> = {
  'a subexpression $(…)': () => `$(${touch()})`,
  'a variable': () => '$env:PATH $PSHOME $\u007bx}',
  'a backtick': () => '`n`$`0',
  'a single quote': () => `'; ${touch()}; '`,
  'a double quote': () => `"; ${touch()}; "`,
  'U+2018': () => `\u2018; ${touch()}; \u2018`,
  'U+2019': () => `\u2019; ${touch()}; \u2019`,
  'U+201A': () => `\u201A; ${touch()}; \u201A`,
  'U+201B': () => `\u201B; ${touch()}; \u201B`,
  'U+201C': () => `\u201C; ${touch()}; \u201C`,
  'U+201D': () => `\u201D; ${touch()}; \u201D`,
  'U+201E': () => `\u201E; ${touch()}; \u201E`,
  'quotes that differ': () => `\u2018; ${touch()}; \u201B "\u201C'; ${touch()}; \u201D"'`,
  'characters without width': () => 'a\u00ad\u200b\u200c\u200d\u2060\ufeffb',
  'a here-string': () => `'@\n${touch()}\n@'`,
  'a newline': () => `a\n${touch()}\n\n`,
  'a carriage return': () => `a\r${touch()}\r\n`,
  NUL: () => 'a\u0000b',
  ESC: () => '\u001b[31mred\u001b[0m\u001b]0;title\u0007',
  'a separator of lines': () => `a\u2028${touch()}\u2029\u0085`,
  emoji: () => '🔥👩‍👩‍👧‍👦🇷🇺',
  Cyrillic: () => 'Привет, «мир»',
  'a right-to-left override': () => 'abc\u202Edef',
  'an end of input': () => 'a\u001ab\u0004c',
  '--%': () => '--% -Force',
  'a pipe and a semicolon': () => `| ${touch()}; & {}`,
  'a comment': () => '<# #> # x',
  'something like a date': () => '2025-01-02T03:04:05Z',
  'an old JSON date': () => '/Date(1735787045000)/',
  'a type literal': () => '[System.IO.File]::Delete("x")',
  'something like an envelope': () => '{"id":"x","ok":true,"data":[],"error":null,"records":[]}',
  'base64 and a closing quote': () => "QUJD'; exit 3; '",
  'a text of 1 MB': () => 'я"\'$()'.repeat(150_000),
};

describe('hostile input comes back as it went in and does nothing', () => {
  test.each(Object.entries(hostile))('%s', async (_, make) => {
    const text = make();
    expect(await echo(text)).toBe(text);
    expect(existsSync(trap)).toBe(false);
  });

  test.each(['-WhatIf', '-Force:$true', '-Value', '--%', '@{}', '$(1)', '*', '-ErrorAction Stop', '@Value'])(
    'the name %s is a name and no parameter',
    async (name) => {
      const [answer] = (await bridge.call('Get-FakeEcho', { Name: [name] })).data;
      expect(answer).toMatchObject({ name: [name], force: false });
      expect(answer?.bound).not.toContain('WhatIf');
      expect(answer?.bound).not.toContain('Force');
    },
  );

  test.each(['2025-01-02T03:04:05Z', '/Date(1735787045000)/', '2025-01-02', '1e3', '0x10', 'null'])(
    'the name %s stays a text',
    async (name) => {
      expect((await bridge.call('Get-FakeEcho', { Name: [name] })).data[0]?.name).toEqual([name]);
    },
  );

  test.each(['\ud800', 'a\udc00b', '\udfff\ud800', '\ud83d and \ude00'])(
    'lone surrogates become the replacement character: %j',
    async (text) => {
      expect(await echo(text)).toBe(text.toWellFormed());
    },
  );

  test('10 000 elements and deep objects', async () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `n${i}`);
    expect((await bridge.call('Get-FakeEcho', { Name: names })).data[0]?.name).toEqual(names);
    const deep = { a: { b: { c: { d: [1, [2, [3]], { 'e f': null }] } } } };
    expect(await echo(deep)).toEqual(deep);
  });

  test('names of prototypes are plain names', async () => {
    const value = JSON.parse('{"__proto__":{"x":1},"constructor":"c","toString":"t"}') as unknown;
    expect(JSON.stringify(await echo(value))).toBe(JSON.stringify(value));
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype']) {
      await expect(bridge.call(name as never)).rejects.toMatchObject({ code: 'ORC3002' });
      expect((await bridge.call('Get-FakeEcho', { Name: [name] })).data[0]?.name).toEqual([name]);
    }
  });

  test('any text at all comes back exactly, as far as it is well-formed', async () => {
    const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.string({ unit, maxLength: 300 }),
    );
    // Several at once: the cost is that of a call.
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 20 }), async (texts) => {
        expect(await echo(texts)).toEqual(texts.map((one) => one.toWellFormed()));
      }),
      { numRuns: 50 },
    );
  });
});

describe('only what is on the list may be called', () => {
  test.each([
    'Get-Process',
    'Get-FakeEcho; Remove-Item x',
    'Fake\\Get-FakeEcho',
    'Orchestrator\\Get-FakeEcho',
    '& Get-FakeEcho',
    ' Get-FakeEcho',
    'get-fakeecho\n',
    'iex',
    '',
  ])('%j is refused before anything is sent', async (name) => {
    await expect(bridge.call(name as never)).rejects.toMatchObject({ code: 'ORC3002' });
  });

  test.each(['Get-FakeHidden', 'Get-FakeInternal', 'Get-ChildItem'] as const)(
    'the module itself refuses %s',
    async (name) => {
      await expect(bridge.call(name, {})).rejects.toMatchObject({ code: 'ORC3002' });
    },
  );

  test.each(['ErrorAction', 'OutVariable', 'WhatIf', 'Confirm', 'Verbose', 'Unknown'])(
    'the parameter %s is refused',
    async (parameter) => {
      await expect(bridge.call('Get-FakeEcho', { [parameter]: 'x' } as never)).rejects.toMatchObject({
        code: 'ORC3003',
      });
      await expect(bridge.call('Invoke-FakeError', { [parameter]: 'x' })).rejects.toMatchObject({
        code: 'ORC3003',
      });
    },
  );
});
