import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { OrchestratorError } from '../../core/contract/errors.ts';
import type { Access } from './access.ts';
import type { Exchange } from './context.ts';
import { isRead, wantsPage } from './exchangeKind.ts';
import { judgeLength, judgePath, judgeRequest } from './guard.ts';
import { setSecurityHeaders } from './headers.ts';
import { chooseLanguage } from './language.ts';
import type { Seen } from './observer.ts';
import { toProblem } from './problem.ts';
import { sendProblem, setRetryAfter } from './respond.ts';
import type { FindRoute, Found } from './routes.ts';
import { redirect } from './signIn.ts';
import type { StaticFiles } from './staticFiles.ts';

/** A request that may go on, and the route that it is for. */
export interface Admitted {
  readonly exchange: Exchange;
  readonly found: Found | null;
  readonly seen: Seen;
}

export interface AdmissionOptions {
  /** Host headers that belong to the panel. */
  readonly hosts: () => ReadonlySet<string>;
  readonly find: FindRoute;
  readonly access: Access;
  readonly files: Pick<StaticFiles, 'isPage'>;
  /** A body has so long to come, in milliseconds, where its route says nothing else. */
  readonly bodyMs: number;
  /** Hears of each refusal and returns its code. */
  readonly failed: (error: unknown, exchange: Pick<Exchange, 'id' | 'path' | 'request'>) => string;
}

export type Admit = (request: IncomingMessage, response: ServerResponse, seen: Seen) => Admitted | null;

/** Judges where a request comes from, what for and by whom. A refusal is answered already, and null. */
export function createAdmission({ hosts, find, access, files, bodyMs, failed }: AdmissionOptions): Admit {
  function judge(exchange: Omit<Exchange, 'path' | 'params' | 'role' | 'note'>, seen: Seen): Admitted | null {
    const { request } = exchange;
    const path = judgeRequest(request, hosts());
    const found = find(path);
    const { entry, params = {} } = found ?? {};
    Object.assign(seen, { path, params, pattern: entry?.pattern ?? null });
    judgeLength(request, entry?.bodyLimit);
    const { role, who } = access(request);
    seen.who = who;
    const open = isOpen(path, found, files);
    const note: Exchange['note'] = (facts) => void Object.assign(seen, facts);
    const whole: Exchange = { ...exchange, path, params, role: role ?? 'reader', note };
    if (role === null && !open) return turnAway(whole);
    const changes = !isRead(request) || entry?.operatorsOnly === true;
    if (role === 'reader' && changes && !open) throw new OrchestratorError('ORC4009');
    expectBody(request, entry?.bodyMs ?? bodyMs);
    return { exchange: whole, found, seen };
  }

  return (request, response, seen) => {
    // Node keeps random bytes in store for these, which single ones are not taken from.
    const id = randomUUID().replaceAll('-', '').slice(-16);
    const { headers } = request;
    const language = chooseLanguage({ cookie: headers.cookie, acceptLanguage: headers['accept-language'] });
    setSecurityHeaders(response, id);
    try {
      return judge({ request, response, id, language }, seen);
    } catch (error) {
      if (seen.pattern === null) Object.assign(seen, meant(request, find));
      seen.code = failed(error, { id, path: '', request });
      setRetryAfter(response, error);
      sendProblem(response, toProblem({ error, requestId: id, language }));
      return null;
    }
  };
}

/** The route that a request was for which was refused before anybody looked: the audit log names it. */
function meant({ url = '' }: IncomingMessage, find: FindRoute): Partial<Seen> {
  try {
    const { entry, params } = find(judgePath(url)) ?? {};
    return entry ? { pattern: entry.pattern, params: params ?? {} } : {};
  } catch {
    return {};
  }
}

/** What answers without a token: nothing that says anything about the system. */
function isOpen(path: string, found: Found | null, files: Pick<StaticFiles, 'isPage'>): boolean {
  return found?.entry.open === true || path === '/sign-in/' || !files.isPage(path);
}

function turnAway({ request, response, path }: Exchange): null {
  if (!wantsPage(request) || path.startsWith('/api/')) throw new OrchestratorError('ORC4006');
  redirect(response, `/sign-in?next=${encodeURIComponent(path)}`);
  return null;
}

/** Who sends a body byte by byte holds a connection for so long and no longer. */
function expectBody(request: IncomingMessage, limitMs: number): void {
  if (isRead(request) || request.complete) return;
  const timer = setTimeout(() => request.complete || request.destroy(), limitMs).unref();
  request.once('close', () => clearTimeout(timer));
}
