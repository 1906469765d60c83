import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEnvFile, readSecrets } from '../../../core/secrets.ts';

const reading = (text: string, env: Record<string, string> = {}) =>
  readSecrets({ root: '/nowhere', env, read: () => text });

describe('secrets', () => {
  test('the process environment goes before the file; an empty variable counts as not set', () => {
    expect(reading('A=file\nB=file\nC=file', { A: 'process', B: '' })).toEqual({
      A: 'process',
      B: 'file',
      C: 'file',
    });
  });

  test('a missing file is as good as an empty one', () => {
    const read = () => {
      throw new Error('ENOENT');
    };
    expect(readSecrets({ root: '/nowhere', env: { A: '1' }, read })).toEqual({ A: '1' });
  });

  test('the old name of SENTRY_DSN is accepted, the new one wins', () => {
    expect(reading('NEXT_PUBLIC_SENTRY_DSN=old')['SENTRY_DSN']).toBe('old');
    expect(reading('NEXT_PUBLIC_SENTRY_DSN=old\nSENTRY_DSN=new')['SENTRY_DSN']).toBe('new');
  });

  test.each([
    ['quotes', 'A="x y" # note\nB=\'$HOME "q"\'', { A: 'x y', B: '$HOME "q"' }],
    ['export, CRLF and a byte order mark', '\uFEFFexport A=1\r\n  B = 2\r\n', { A: '1', B: '2' }],
    ['comments and noise', '# A=1\nnoise\n=x\n1A=2\nB=a#b # c', { B: 'a#b' }],
    ['escapes', 'A="l1\\nl2\\\\ \\""', { A: 'l1\nl2\\ "' }],
    ['nothing is filled in', 'A=$HOME\nB=`id`\nC=$(id)', { A: '$HOME', B: '`id`', C: '$(id)' }],
  ])('reads %s', (_, text, expected) => {
    expect(parseEnvFile(text)).toEqual(expected);
  });

  test('any value quoted as Set-OrchestratorSecret quotes it comes back whole', () => {
    const quote = (value: string) =>
      `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (value) => {
        expect(parseEnvFile(`A=${quote(value)}`)['A']).toBe(value);
      }),
    );
  });
});
