import { describe, expect, test } from 'vitest';
import { errors, errorText, OrchestratorError } from '../../../core/contract/errors.ts';

const placeholders = (text: object) =>
  [...JSON.stringify(text).matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe('the registry of errors', () => {
  test.each(Object.entries(errors))('%s says the same in both languages', (code, { status, en, ru }) => {
    expect(code).toMatch(/^ORC[1-6]\d{3}$/);
    expect(status).toBeGreaterThanOrEqual(200);
    expect([...new Set(placeholders(ru))]).toEqual([...new Set(placeholders(en))]);
    for (const text of [en, ru])
      for (const part of [text.what, text.why, text.fix]) expect(part).not.toBe('');
    expect(ru.what).toMatch(/[а-яё]/i);
  });

  test('data is put in as it is, also what looks like a placeholder or a pattern', () => {
    const { what } = errorText({ code: 'ORC2001', data: { name: '{known} $& $1', known: 'panel' } });
    expect(what).toBe('There is no service "{known} $& $1".');
  });

  test('an error carries what, why and fix', () => {
    const error = new OrchestratorError('ORC2001', { name: 'x', known: 'panel, comfyui' });
    expect(error.message).toBe(
      'ORC2001: There is no service "x". The manifest has: panel, comfyui. Use one of these names; wildcards are allowed.',
    );
  });
});
