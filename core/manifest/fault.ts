import type { Finding } from '../contract/cmdlets.ts';
import { type DetailKey, detailText } from '../contract/details.ts';
import { type ErrorCode, errorText, type Language } from '../contract/errors.ts';

export type Data = Readonly<Record<string, string | number>>;

/** Data of a fault with its place. */
export type PlacedData = Data & { readonly line: number };

/** A fault before it has words: where it is, and what the words need. */
export interface Fault {
  readonly code: ErrorCode;
  /** JSON pointer. */
  readonly pointer: string;
  /** Of the key for a fault of the key, of the value for a fault of the value, of the object for a missing key. */
  readonly offset: number;
  readonly data?: Data;
  readonly detail?: { readonly key: DetailKey; readonly data?: Data };
  readonly suggestion?: string | undefined;
}

/** In document order, each code and place once. */
export function inOrder(faults: readonly Fault[]): Fault[] {
  const first = new Map<string, Fault>();
  for (const fault of faults) {
    const name = `${fault.code} ${fault.pointer}`;
    if (!first.has(name)) first.set(name, fault);
  }
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return [...first.values()].sort(
    (a, b) => a.offset - b.offset || compare(a.code, b.code) || compare(a.pointer, b.pointer),
  );
}

/** Line, from 1, and column, from 1, of an offset. Every line end that editors know counts. */
export function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split(/\r\n|\n|\r/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** What the texts of the registry are filled with. */
export function faultData({
  fault,
  text,
  path,
  language,
}: {
  fault: Fault;
  text: string;
  path: string;
  language: Language;
}): PlacedData {
  const { line, column } = position(text, fault.offset);
  const detail = fault.detail
    ? detailText({ key: fault.detail.key, data: { column, ...fault.detail.data }, language })
    : '';
  return {
    ...fault.data,
    path,
    line,
    pointer: fault.pointer === '' ? '/' : fault.pointer,
    nearest: fault.suggestion ?? '',
    detail,
  };
}

export function toFinding(fault: Fault, data: PlacedData, language: Language): Finding {
  const { what, why, fix } = errorText({ code: fault.code, data, language });
  return {
    code: fault.code,
    path: fault.pointer,
    line: data.line,
    message: [what, why, fix].filter((part) => part !== '').join(' '),
    suggestion: fault.suggestion ?? null,
  };
}
