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
}

/** The server pings every 15 s; two missed ones and a margin mean that the line is dead. */
const silenceMs = 40_000;
const retryMs = 3000;
/** A connection that comes back at once is not worth a banner. */
const patienceMs = 1500;

/** Keeps one event stream while the page is visible. A browser has six connections for all tabs of a host. */
export function followEvents(handlers: StreamHandlers): void {
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
    const stream = new EventSource('/api/events');
    source = stream;
    const on = (name: string, handler?: (data: never) => void) =>
      stream.addEventListener(name, (event) => {
        heard();
        handler?.(JSON.parse((event as MessageEvent<string>).data) as never);
      });
    on('hello', handlers.hello);
    on('status', handlers.status);
    on('ping');
    stream.addEventListener('bye', lose);
    stream.addEventListener('error', () => {
      patience ||= window.setTimeout(lose, patienceMs);
      if (stream.readyState === EventSource.CLOSED) refused();
    });
    listen();
  }

  function heard(): void {
    clearTimeout(patience);
    patience = 0;
    handlers.connected(true);
    listen();
  }

  function listen(): void {
    clearTimeout(silence);
    silence = window.setTimeout(() => {
      lose();
      open();
    }, silenceMs);
  }

  function lose(): void {
    clearTimeout(patience);
    patience = 0;
    handlers.connected(false);
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
}
