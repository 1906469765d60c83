import type { Exchange } from './context.ts';

/** One kind of news that goes through a reader's event stream. */
export interface Channel {
  /** Called with each new stream; writes through the sink until the function it returns is called. */
  open(exchange: Exchange, sink: Sink): () => void;
}

/** The reader's end of a stream. */
export interface Sink {
  /** `data` must be one line, as JSON is. False when the reader takes no more for now. */
  write(event: string, data: string, id?: string): boolean;
  /** Nothing may be written while true: it would pile up in memory. */
  readonly blocked: boolean;
  onDrain(listener: () => void): void;
}
