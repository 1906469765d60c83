import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuditEntry } from '../../core/contract/audit.ts';
import { nobody } from './access.ts';
import { streamBegins } from './events.ts';
import { isRead } from './exchangeKind.ts';
import { methodLabel, routeLabel } from './metrics/labels.ts';
import type { RequestSeen } from './metrics/recorder.ts';
import type { StaticFiles } from './staticFiles.ts';

/** What metrics and audit log want to know of a request; filled in on its way. */
export interface Seen {
  /** Of the route that it is for; null while or when there is none. */
  pattern: string | null;
  path: string;
  params: Readonly<Record<string, string>>;
  who: AuditEntry['who'];
  /** Of the error that was answered. */
  code: string | null;
}

/** As nginx counts a reader that left before there was an answer. */
const readerGone = 499;

export interface ObserverOptions {
  readonly files: Pick<StaticFiles, 'isPage'>;
  /** Hears of every request that was answered; of a stream when it begins. */
  readonly answered: (seen: RequestSeen) => void;
  /** Hears of every action that somebody asked for, also of a refused one. */
  readonly audited: (entry: AuditEntry) => void;
}

export type Observe = (request: IncomingMessage, response: ServerResponse) => Seen;

export interface Observer {
  readonly observe: Observe;
  /** How many event streams are open, of every kind. */
  readonly streams: number;
  /** Resolves when every request that came has been told of. */
  told(): Promise<void>;
}

/** Characters of a name that somebody made up; ids are shorter. */
const longestName = 100;

/** Tells of each request once its answer is out, or its reader has gone. */
export function createObserver({ files, answered, audited }: ObserverOptions): Observer {
  let streams = 0;
  const open = new Set<ServerResponse>();

  function count({ method }: IncomingMessage, status: number, seen: Seen, seconds: number | null) {
    answered({ method: methodLabel(method), route: routeLabel({ ...seen, status, files }), status, seconds });
  }

  function observe(request: IncomingMessage, response: ServerResponse): Seen {
    const began = performance.now();
    const seen: Seen = { pattern: null, path: '', params: {}, who: nobody, code: null };
    let streaming = false;
    open.add(response);
    response.once(streamBegins, () => {
      streaming = true;
      streams += 1;
      count(request, response.statusCode, seen, null);
    });
    response.once('close', () => {
      open.delete(response);
      const ms = performance.now() - began;
      const status = response.headersSent ? response.statusCode : readerGone;
      if (streaming) streams -= 1;
      else count(request, status, seen, ms / 1000);
      if (isRead(request) || seen.pattern === null) return;
      audited({
        at: new Date().toISOString(),
        requestId: String(response.getHeader('x-request-id')),
        who: seen.who,
        action: `${request.method} ${seen.pattern}`,
        target: shortened(seen.params),
        status,
        code: seen.code,
        ms: Math.round(ms),
      });
    });
    return seen;
  }

  return {
    observe,
    get streams() {
      return streams;
    },
    async told() {
      await Promise.all([...open].map((response) => once(response, 'close')));
    },
  };
}

function shortened(params: Seen['params']): AuditEntry['target'] {
  return Object.fromEntries(Object.entries(params).map(([name, text]) => [name, text.slice(0, longestName)]));
}
