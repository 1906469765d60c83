import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '../../../core/redact.ts';

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const letters = (min: number, max: number) =>
  fc.stringMatching(new RegExp(`^[A-Za-z][A-Za-z0-9]{${min - 2},${max - 2}}[0-9]$`));

/** A secret among plain words: it must go, and the words must stay. */
const line = (secret: fc.Arbitrary<string>) => fc.tuple(word, secret, word);

function gone(secret: fc.Arbitrary<string>, of: (secret: string) => string = (same) => same): void {
  fc.assert(
    fc.property(line(secret), ([before, hidden, after]) => {
      const result = redact(`${before} ${hidden} ${after}`);
      expect(result).not.toContain(of(hidden));
      expect(result.startsWith(`${before} `)).toBe(true);
      expect(result.endsWith(` ${after}`)).toBe(true);
    }),
  );
}

describe('redact removes', () => {
  it('e-mail addresses', () => gone(fc.emailAddress()));
  it('IPv4 addresses', () => {
    gone(fc.ipV4().filter((ip) => !/^(127\.|0\.0\.0\.0)/.test(ip)));
  });
  it('IPv6 addresses', () => {
    const full = fc.array(fc.stringMatching(/^[1-9a-f][0-9a-f]{3}$/), { minLength: 8, maxLength: 8 });
    gone(full.map((parts) => parts.join(':')));
    expect(redact('from 2001:db8::17 and fe80::1 at 12:30:45')).toBe(
      'from [removed] and [removed] at 12:30:45',
    );
  });
  it('tokens by their beginning', () => {
    gone(
      fc
        .tuple(fc.constantFrom('hf_', 'sk-', 'ghp_', 'xoxb-', 'github_pat_'), letters(10, 40))
        .map((p) => p.join('')),
    );
  });
  it('long runs of letters and digits', () => gone(letters(24, 80)));
  it('UUIDs, which some keys are', () => gone(fc.uuid()));

  it('a UUID without a single letter', () => {
    expect(redact('a 00000000-0000-1000-8000-000000000000 a')).toBe('a [removed] a');
  });
  it('what a name says is secret', () => {
    const name = fc.constantFrom(
      'HF_TOKEN',
      'api_key',
      'apiKey',
      'BFL_API_KEY',
      'password',
      'Authorization',
      'x-key',
    );
    const how = fc.constantFrom('=', ': ', '": "', "='");
    gone(
      fc.tuple(name, how, letters(6, 20)).map((parts) => parts.join('')),
      (text) => /[A-Za-z0-9]+$/.exec(text)?.[0] ?? text,
    );
  });
  it('the credentials of an address', () => {
    expect(redact('GET https://me:hunter2@example.org/x')).toBe('GET https://[removed]@example.org/x');
  });
  it('bearer tokens and JSON web tokens', () => {
    expect(redact('Authorization: Bearer abc.def-ghi')).toBe('Authorization: [removed]');
    expect(redact('sent eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_-123 on')).toBe('sent [removed] on');
  });
  it('prompts', () => {
    expect(redact("invalid prompt: {'type': 'x', 'text': 'a cat'}")).toBe('invalid prompt: [removed]');
    expect(redact('{"prompt": "a cat in a hat", "seed": 1}')).toBe('{"prompt": [removed], "seed": 1}');
  });
  it('colours, also inside of a secret', () => {
    expect(redact('\u001b[31mhf_abc\u001b[0mdefghijkl\u001b[0m')).toBe('[removed]');
  });
});

describe('redact keeps', () => {
  const kept = [
    'RuntimeError: CUDA out of memory. Tried to allocate 1.50 GiB (GPU 0; 8.00 GiB total capacity)',
    'Error: listen EADDRINUSE: address already in use 127.0.0.1:8188',
    '  File "D:\\ComfyUI\\execution.py", line 323, in execute',
    '2026-03-11T08:14:02.118203 - got prompt',
    '[2025-05-15 10:28:50.212] Starting server',
    ' 45%|████▌     | 9/20 [00:18<00:22,  2.07s/it]',
    'To see the GUI go to: http://127.0.0.1:8188',
    'listening on ::1 and 0.0.0.0',
  ];
  it.each(kept)('%s', (text) => expect(redact(text)).toBe(text));

  it('is done after one pass', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const once = redact(text);
        expect(redact(once)).toBe(once);
      }),
    );
  });

  it('takes no time for a long line', () => {
    const begun = performance.now();
    for (const text of [
      'a'.repeat(100_000),
      'a1'.repeat(50_000),
      'token='.repeat(20_000),
      '1.'.repeat(50_000),
      ':'.repeat(100_000),
      'a.b-'.repeat(25_000),
    ])
      redact(text);
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});
