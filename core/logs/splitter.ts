import { decode, type Encoding, indexOfCode, lastIndexOfCode, unitOf, wholeCharacters } from './encoding.ts';
import type { Mask } from './mask.ts';
import { plainText, stripTerminal } from './plainText.ts';

/** Bytes of a line that are shown; of a longer one the rest is counted. */
export const maxLineBytes = 1_048_576;

const lineFeed = 10;
const carriageReturn = 13;

interface Held {
  parts: Buffer[];
  bytes: number;
  /** Bytes that did not fit. */
  cut: number;
}

const nothing = (): Held => ({ parts: [], bytes: 0, cut: 0 });

/**
 * Bytes → lines, whatever way the bytes are cut into chunks. Keeps no more than the beginning of one line, and of a line
 * that is rewritten with carriage returns only the last state.
 */
export class LineSplitter {
  readonly #maxLine: number;
  readonly #mask: Mask;
  #encoding: Encoding = 'utf8';
  /** What came since the last carriage return or line feed. */
  #open = nothing();
  /** The last rewritten state, and the last that shows something. */
  #last: Held | null = null;
  #shown: Held | null = null;
  #sinceLine = 0;

  constructor({ mask, maxLine = maxLineBytes }: { mask: Mask; maxLine?: number }) {
    this.#mask = mask;
    this.#maxLine = maxLine;
  }

  get encoding(): Encoding {
    return this.#encoding;
  }

  /** Bytes since the last line feed. */
  get sinceLine(): number {
    return this.#sinceLine;
  }

  /** True when nothing of an unfinished line is kept. */
  get empty(): boolean {
    return this.#open.bytes === 0 && this.#last === null;
  }

  /** What follows is in this encoding. The unfinished line, if it was in another, is returned as it is. */
  switchTo(encoding: Encoding): string[] {
    const rest = encoding === this.#encoding ? [] : this.flush();
    this.#encoding = encoding;
    return rest;
  }

  /** The lines that end in these bytes. UTF-16 must come in whole units. */
  push(bytes: Buffer): string[] {
    if (bytes.length <= this.#maxLine) return this.#take(bytes);
    const lines: string[] = [];
    for (let at = 0; at < bytes.length; at += this.#step) {
      for (const line of this.#take(bytes.subarray(at, at + this.#step))) lines.push(line);
    }
    return lines;
  }

  /** The unfinished line, if there is one; the next bytes begin another. */
  flush(): string[] {
    const line = this.peek();
    this.#reset();
    return line === null ? [] : [line];
  }

  /** The unfinished line as far as it goes; null when there is none. */
  peek(): string | null {
    if (this.empty) return null;
    const { text, cut } = this.#current();
    // Its last character may have come in part only.
    return this.#shape(text.replace(/\ufffd+$/, ''), cut, true);
  }

  get #step(): number {
    return Math.max(2, this.#maxLine & ~1);
  }

  #take(bytes: Buffer): string[] {
    const encoding = this.#encoding;
    const unit = unitOf(encoding);
    const end = lastIndexOfCode(bytes, lineFeed, bytes.length, encoding) + unit;
    if (end < unit) {
      this.#hold(bytes);
      return [];
    }
    const lines: string[] = [];
    let from = 0;
    if (!this.empty) {
      const first = indexOfCode(bytes, lineFeed, 0, encoding);
      this.#hold(bytes.subarray(0, first));
      lines.push(this.#finish());
      from = first + unit;
    }
    if (from < end) {
      const text = this.#mask(plainText(decode(bytes.subarray(from, end), encoding)));
      for (const line of text.slice(0, -1).split('\n')) lines.push(line);
    }
    if (end < bytes.length) this.#hold(bytes.subarray(end));
    return lines;
  }

  /** Keeps bytes that hold no line feed. */
  #hold(bytes: Buffer): void {
    const unit = unitOf(this.#encoding);
    let from = 0;
    this.#sinceLine += bytes.length;
    for (;;) {
      const at = indexOfCode(bytes, carriageReturn, from, this.#encoding);
      this.#append(at === -1 ? bytes.subarray(from) : bytes.subarray(from, at));
      if (at === -1) return;
      this.#last = this.#open;
      if (!this.#isBlank(this.#open)) this.#shown = this.#open;
      this.#open = nothing();
      from = at + unit;
    }
  }

  #append(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const open = this.#open;
    // Some bytes more, so that the cut falls between two characters.
    const room = Math.max(0, Math.min(bytes.length, this.#maxLine + 4 - open.bytes));
    if (room > 0) open.parts.push(Buffer.from(bytes.subarray(0, room)));
    open.bytes += room;
    open.cut += bytes.length - room;
    // Many small pieces of a line cost more than the line.
    if (open.parts.length > 64) open.parts = [Buffer.concat(open.parts)];
  }

  #isBlank({ parts }: Held): boolean {
    return !parts.some((part) =>
      this.#encoding === 'utf8'
        ? part.some((byte) => byte > 0x20)
        : /[^\x00-\x20]/.test(decode(part, this.#encoding)),
    );
  }

  #current(): { readonly text: string; readonly cut: number } {
    const open = this.#open.bytes === 0 && this.#last !== null ? this.#last : this.#open;
    const { parts, cut } = this.#isBlank(open) ? (this.#shown ?? open) : open;
    const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    const kept = wholeCharacters(bytes, this.#maxLine, this.#encoding);
    return { text: decode(bytes.subarray(0, kept), this.#encoding), cut: cut + bytes.length - kept };
  }

  #finish(): string {
    const { text, cut } = this.#current();
    this.#reset();
    return this.#shape(text, cut, false);
  }

  #reset(): void {
    this.#open = nothing();
    this.#last = null;
    this.#shown = null;
    this.#sinceLine = 0;
  }

  #shape(text: string, cut: number, unfinished: boolean): string {
    const plain = stripTerminal(text);
    if (cut === 0) return this.#mask(plain, { unfinished });
    return `${this.#mask(plain, { unfinished: true })} [… ${cut} bytes cut]`;
  }
}
