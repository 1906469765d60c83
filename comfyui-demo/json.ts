/**
 * JSON as a Python server reads and writes it: whole numbers beyond 2^53 keep every digit (as bigint),
 * floats that are whole keep their ".0", and everything outside ASCII is escaped.
 */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

// Node has both of these; the type library does not know them yet.
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => object };
type SourceReviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;

const WHOLE = /^-?\d+$/;

/** Text of a number as Python writes a float: always with a point or an exponent. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits = '0', power = '0'] = value.toExponential().split('e');
    const sign = power.startsWith('-') ? '-' : '+';
    return `${digits}e${sign}${power.replace(/^[+-]/, '').padStart(2, '0')}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** A number that is written as a float even when it is whole. */
export class PyFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
  toJSON(): object {
    return rawJSON(floatText(this.value));
  }
}

/** @throws SyntaxError when the text is not JSON */
export function parseJson(text: string): Json {
  return parseWithSource(text, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && WHOLE.test(source)
      ? BigInt(source)
      : value,
  ) as Json;
}

const ESCAPED = /[\u007f-\uffff]/g;
const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

export function toJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, item) =>
    typeof item === 'bigint' ? rawJSON(item.toString()) : item,
  );
  return text.replace(ESCAPED, escapeUnit);
}

export const isObject = (value: unknown): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
