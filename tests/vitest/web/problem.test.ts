import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CmdletError } from '../../../core/bridge/failures.ts';
import { type ErrorCode, errors, errorText, OrchestratorError } from '../../../core/contract/errors.ts';
import { toProblem } from '../../../web/server/problem.ts';

const asked = { requestId: 'abc', language: 'en' } as const;

describe('problem answers', () => {
  test('an error of the registry is told in the language asked for', () => {
    const error = new OrchestratorError('ORC2008', { service: 'ComfyUI' });
    expect(toProblem({ error, ...asked })).toEqual({
      type: 'urn:orchestrator:error:ORC2008',
      title: 'ComfyUI is external.',
      status: 409,
      detail:
        'ComfyUI is external. It is watched and used, but Orchestrator did not start it and will not stop it. Start or stop it where it runs.',
      code: 'ORC2008',
      why: 'It is watched and used, but Orchestrator did not start it and will not stop it.',
      fix: 'Start or stop it where it runs.',
      requestId: 'abc',
    });
    expect(toProblem({ error, ...asked, language: 'ru' }).title).toBe('ComfyUI — внешняя служба.');
  });

  test.each([
    new Error('secret of /home/somebody'),
    'text',
    null,
    undefined,
    { code: 'ENOENT' },
    { code: 'constructor' },
  ])('anything else is told without what it says: %s', (error) => {
    const problem = toProblem({ error, ...asked });
    expect(problem).toMatchObject({ code: 'ORC4008', status: 500 });
    expect(JSON.stringify(problem)).not.toMatch(/secret|somebody|at .*\.ts/);
    expect(problem.why).toContain('abc');
  });

  test('what a cmdlet said is told in the language of the reader, whatever language it was said in', () => {
    const word = fc.stringMatching(/^[A-Za-zА-я0-9_]{1,12}$/);
    // A text of nothing but data fits any template, so its parts cannot be told apart.
    const codes = (Object.keys(errors) as ErrorCode[]).filter(
      (code) => code !== 'ORC3001' && !/^\{\w+\}$/.test(errors[code].en.why),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...codes),
        fc.constantFrom('en', 'ru'),
        fc.func(word),
        (code, spoken, value) => {
          const names = [...JSON.stringify(errors[code]).matchAll(/\{(\w+)\}/g)].map(
            ([, name]) => name ?? '',
          );
          const data = Object.fromEntries(names.map((name) => [name, value(name)]));
          const { what, why, fix } = errorText({ code, data, language: spoken });
          const error = new CmdletError({
            cmdlet: 'Start-Orchestrator',
            error: { code, category: '', message: `${code}: ${what} ${why} ${fix}`, target: null },
            records: [],
          });
          for (const language of ['en', 'ru'] as const) {
            const problem = toProblem({ error, requestId: 'abc', language });
            const wanted = errorText({ code, data, language });
            const words = JSON.stringify(errors[code]);
            // A name that only the other language uses is not in the text that was said.
            if (names.every((name) => JSON.stringify(errors[code][spoken]).includes(`{${name}}`))) {
              expect(problem, words).toMatchObject({ title: wanted.what, why: wanted.why, fix: wanted.fix });
            }
            expect(problem.status).toBe(errors[code].status);
          }
        },
      ),
    );
  });

  test('a text that fits no template is told as it is', () => {
    const error = new CmdletError({
      cmdlet: 'Stop-Orchestrator',
      error: { code: 'ORC2007', category: '', message: 'Something of an older module.', target: null },
      records: [],
    });
    expect(toProblem({ error, ...asked })).toMatchObject({
      code: 'ORC2007',
      title: 'Something of an older module.',
      why: '',
      fix: '',
    });
  });

  test("PowerShell's own error is wrapped", () => {
    const error = new CmdletError({
      cmdlet: 'Stop-Orchestrator',
      error: { code: 'SomethingElse', category: '', message: 'Access is denied.', target: null },
      records: [],
    });
    expect(toProblem({ error, ...asked })).toMatchObject({
      code: 'ORC3001',
      title: 'Stop-Orchestrator failed.',
      why: 'Access is denied.',
    });
  });
});
