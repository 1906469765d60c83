import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PyError, repr, str, toFloat, toInt } from '../../../comfyui-demo/graph/python.ts';
import { durationText } from '../../../comfyui-demo/graph/worker.ts';
import { floatText, type Json, PyFloat, parseJson, toJson } from '../../../comfyui-demo/json.ts';
import { nextCounter } from '../../../comfyui-demo/storage/save.ts';

describe('JSON', () => {
  it('keeps every digit of whole numbers, and writes nothing but ASCII', () =>
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }),
        fc.string({ unit: 'binary' }),
        (number, text) => {
          const written = toJson({ number, text });
          expect(written).toMatch(/^[\u0000-\u007e]*$/);
          expect(BigInt(String((parseJson(written) as { number: Json }).number))).toBe(number);
          expect((JSON.parse(written) as { text: string }).text).toBe(
            text.toWellFormed() === text ? text : JSON.parse(JSON.stringify(text)),
          );
        },
      ),
    ));

  it('writes floats with a point', () => {
    expect(toJson([new PyFloat(1), new PyFloat(0.25), 1])).toBe('[1.0,0.25,1]');
    expect([1e16, 1e22, 1.5e-7, -0.5, 123456].map(floatText)).toEqual([
      '1e+16',
      '1e+22',
      '1.5e-07',
      '-0.5',
      '123456.0',
    ]);
  });
});

describe('conversions', () => {
  it.each<[Json, number | bigint]>([
    ['64', 64],
    [' -7 ', -7],
    ['1_000', 1000],
    [3.9, 3],
    [-3.9, -3],
    [true, 1],
    ['18446744073709551615', 18446744073709551615n],
  ])('int(%j) is %s', (value, expected) => {
    expect(toInt(value)).toBe(expected);
  });

  it.each<[Json, string, string]>([
    ['wide', 'ValueError', "invalid literal for int() with base 10: 'wide'"],
    ['1.5', 'ValueError', "invalid literal for int() with base 10: '1.5'"],
    ['', 'ValueError', "invalid literal for int() with base 10: ''"],
    [
      null,
      'TypeError',
      "int() argument must be a string, a bytes-like object or a real number, not 'NoneType'",
    ],
    [{}, 'TypeError', "int() argument must be a string, a bytes-like object or a real number, not 'dict'"],
  ])('int(%j) raises %s', (value, type, message) => {
    expect(() => toInt(value)).toThrow(new PyError(type, message));
  });

  it('float() takes what Python takes', () => {
    expect([toFloat('1e3'), toFloat(' .5 '), toFloat(2n), toFloat('-inf')]).toEqual([
      1000,
      0.5,
      2,
      -Infinity,
    ]);
    expect(() => toFloat('x')).toThrow("could not convert string to float: 'x'");
  });

  it('texts are those of Python', () => {
    expect(repr(["it's", 'a"b', null, true, { a: 1 }])).toBe(`["it's", 'a"b', None, True, {'a': 1}]`);
    expect([str('x'), str(1.5), str(false)]).toEqual(['x', '1.5', 'False']);
  });

  it('durations past ten minutes are hours, minutes and seconds', () => {
    expect([durationText(3.214), durationText(600), durationText(3725.9)]).toEqual([
      '3.21 seconds',
      '600.00 seconds',
      '01:02:05',
    ]);
  });

  it('file numbers go on from the highest', () => {
    expect(nextCounter(['a_00001_.png', 'a_00007_.png', 'ab_00009_.png', 'a_x_.png'], 'a')).toBe(8);
    expect(nextCounter([], 'a')).toBe(1);
  });
});
