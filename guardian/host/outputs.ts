import { dirname } from 'node:path';
import { OrchestratorError } from '../../core/contract/errors.ts';
import type { HostSpec } from '../../core/contract/hostProtocol.ts';
import { codeOf, LogSink } from './logSink.ts';

export interface OpenOutputs {
  readonly stdout: LogSink;
  /** The same as `stdout` when both streams go to one file: two writers would rotate under each other. */
  readonly stderr: LogSink;
}

/** The log files of a program while it runs. */
export class Outputs {
  readonly #onTrouble: (message: string) => void;
  #sinks: LogSink[] = [];
  #trouble: string | null = null;

  /** `onTrouble` is told of each fault; `fault` then holds it. */
  constructor({ onTrouble }: { onTrouble: (message: string) => void }) {
    this.#onTrouble = onTrouble;
  }

  /** What went wrong since `open`, in one sentence; null when nothing did. */
  get fault(): string | null {
    const dropped = this.#sinks.reduce((sum, sink) => sum + sink.dropped, 0);
    if (dropped === 0) return this.#trouble;
    return `${this.#trouble}; ${dropped} bytes of output were dropped`;
  }

  /** Throws ORC2009. */
  async open(spec: HostSpec): Promise<OpenOutputs> {
    this.#trouble = null;
    const first = this.#open(spec, spec.stdout);
    const second = spec.stdout === spec.stderr ? first : this.#open(spec, spec.stderr);
    await Promise.allSettled([first, second]);
    const [stdout, stderr] = await Promise.all([first, second]);
    return { stdout, stderr };
  }

  mend(): void {
    for (const sink of this.#sinks) sink.mend();
  }

  /** Resolves to `fault` as it is at the end. */
  async close(): Promise<string | null> {
    await Promise.all(this.#sinks.map((sink) => sink.close()));
    const { fault } = this;
    this.#sinks = [];
    return fault;
  }

  async #open({ rotateBytes, keepBytes, keepDays }: HostSpec, file: string): Promise<LogSink> {
    const onTrouble = (message: string): void => {
      this.#trouble = message;
      this.#onTrouble(message);
    };
    const sink = new LogSink({ file, rotateBytes, keepBytes, keepDays, onTrouble });
    try {
      await sink.open();
    } catch (error) {
      const detail = `${file}: the system says ${codeOf(error)}.`;
      throw new OrchestratorError('ORC2009', { path: dirname(file), detail }, error);
    }
    this.#sinks.push(sink);
    return sink;
  }
}
