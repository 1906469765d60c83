import { expect, test } from 'vitest';
import { systemProgram } from '../../../core/systemProgram.ts';

test.each([
  [{ SystemRoot: 'D:\\WINNT' }, 'D:\\WINNT\\System32\\taskkill.exe'],
  [{}, 'C:\\Windows\\System32\\taskkill.exe'],
])('with %o it is %s', (env, expected) => {
  expect(systemProgram('taskkill.exe', env)).toBe(expected);
});
