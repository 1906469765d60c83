import type { ComfyStatus } from '../../core/contract/comfy.ts';
import type { HostFacts } from '../../core/contract/host.ts';
import type { LogBatch } from '../../core/contract/logs.ts';
import type { SystemStatus } from '../../core/status/picture.ts';

export interface Hello {
  /** The service that this page comes from; null for a panel started by hand. */
  readonly self: string | null;
  readonly role: 'operator' | 'reader';
  readonly signIn: boolean;
}

export interface StreamHandlers {
  hello(hello: Hello): void;
  status(status: SystemStatus): void;
  /** True with the first event of a connection, false once it is lost. */
  connected(live: boolean): void;
  comfy?(status: ComfyStatus): void;
  host?(facts: HostFacts): void;
  /** `cursor` says where these lines end: with it a new connection goes on behind them. */
  logs?(batches: readonly LogBatch[], cursor: string): void;
}

export interface Stream {
  /** Connects anew, for example because the query has changed. */
  reopen(): void;
}

/** The server pings every 15 s; two missed ones and a margin mean that the line is dead. */
const silenceMs = 40_000;
const retryMs = 3000;
/** A connection that comes back at once is not worth a banner. */
const patienceMs = 1500;
const named = ['hello', 'status', 'comfy', 'host'] as const;

/**
 * Keeps one event stream while the page is visible: a browser has six connections for all tabs of a host. `query` is
 * asked with each connection.
 */
export function followEvents({ query, on }: { query: () => string; on: StreamHandlers }): Stream {
  let source: EventSource | null = null;
  let silence = 0;
  let retry = 0;
  let patience = 0;

  function close(): void {
    source?.close();
    source = null;
    for (const timer of [silence, retry, patience]) clearTimeout(timer);
    patience = 0;
  }

  function open(): void {
    close();
    const stream = new EventSource(`/api/events?${query()}`);
    source = stream;
    const listen = (name: string, handle: (data: never, id: string) => void) =>
      stream.addEventListener(name, (event) => {
        heard();
        const { data, lastEventId } = event as MessageEvent<string>;
        handle(JSON.parse(data) as never, lastEventId);
      });
    for (const name of named) listen(name, (data) => on[name]?.(data));
    listen('logs', (batches, cursor) => on.logs?.(batches, cursor));
    listen('ping', () => {});
    stream.addEventListener('bye', lose);
    stream.addEventListener('error', () => {
      patience ||= window.setTimeout(lose, patienceMs);
      if (stream.readyState === EventSource.CLOSED) refused();
    });
    expectMore();
  }

  function heard(): void {
    clearTimeout(patience);
    patience = 0;
    on.connected(true);
    expectMore();
  }

  function expectMore(): void {
    clearTimeout(silence);
    silence = window.setTimeout(() => {
      lose();
      open();
    }, silenceMs);
  }

  function lose(): void {
    clearTimeout(patience);
    patience = 0;
    on.connected(false);
  }

  /** The browser gives up for good after an answer that is no stream, so the retry is ours. */
  function refused(): void {
    clearTimeout(retry);
    retry = window.setTimeout(async () => {
      const answer = await fetch('/api/status', { method: 'HEAD' }).catch(() => null);
      if (answer?.status === 401) location.reload();
      else if (!document.hidden) open();
    }, retryMs);
  }

  const follow = () => (document.hidden ? close() : source || open());
  document.addEventListener('visibilitychange', follow);
  addEventListener('pagehide', close);
  addEventListener('pageshow', follow);
  follow();
  return {
    reopen() {
      if (!document.hidden) open();
    },
  };
}
