import type { Exchange } from './context.ts';

/** One kind of news that goes through a reader's event stream. */
export interface Channel<P = unknown> {
  /** Called before the stream begins; what it throws becomes the answer. Its result comes back with `open`. */
  prepare?(exchange: Exchange): P | Promise<P>;
  /** Called with each new stream; writes through the sink until the function it returns is called. */
  open(opened: { readonly exchange: Exchange; readonly sink: Sink; readonly prepared: P }): () => void;
}

/** The reader's end of a stream. */
export interface Sink {
  /** `data` must be one line, as JSON is. False when the reader takes no more for now. */
  write(event: string, data: string, id?: string): boolean;
  /** Nothing may be written while true: it would pile up in memory. */
  readonly blocked: boolean;
  onDrain(listener: () => void): void;
}
