/** As many lines as the real servers keep for /internal/logs. */
const KEPT = 300;
const BAR_CELLS = 20;

export interface LogEntry {
  t: string;
  m: string;
}

/** Writes lines to stderr (or stdout), as the real server's logger does: the text only. */
export class Log {
  readonly #stream: NodeJS.WritableStream;
  readonly entries: LogEntry[] = [];

  constructor({ stream }: { stream: NodeJS.WritableStream }) {
    this.#stream = stream;
  }

  readonly line = (text: string): void => {
    this.#stream.write(`${text}\n`);
    this.entries.push({ t: new Date().toISOString(), m: `${text}\n` });
    if (this.entries.length > KEPT) this.entries.shift();
  };

  /** A progress bar that is drawn over itself; the last one ends its line. */
  readonly bar = (value: number, max: number): void => {
    const filled = Math.round((value / max) * BAR_CELLS);
    const share = String(Math.floor((value / max) * 100)).padStart(3);
    const cells = '#'.repeat(filled).padEnd(BAR_CELLS);
    this.#stream.write(`\r${share}%|${cells}| ${value}/${max}${value === max ? '\n' : ''}`);
  };
}
