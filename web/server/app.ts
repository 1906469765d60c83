import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuditEntry } from '../../core/contract/audit.ts';
import { OrchestratorError } from '../../core/contract/errors.ts';
import type { Manifest } from '../../core/contract/manifest.ts';
import type { Logger } from '../../core/logger.ts';
import type { StatusSource } from '../../core/status/source.ts';
import { createAccess, nobody } from './access.ts';
import type { AstroRoutes } from './astroRoutes.ts';
import { createAttempts } from './attempts.ts';
import type { Auth } from './auth.ts';
import type { PanelBridge } from './bridge.ts';
import type { Channel } from './channel.ts';
import type { Exchange } from './context.ts';
import { createEventStream } from './events.ts';
import { judgeLength, judgeRequest } from './guard.ts';
import { setSecurityHeaders } from './headers.ts';
import { chooseLanguage } from './language.ts';
import { methodLabel, routeLabel } from './metrics/labels.ts';
import type { RequestSeen } from './metrics/recorder.ts';
import { toProblem } from './problem.ts';
import { sendJson, sendProblem } from './respond.ts';
import { createRouter, type Found, type RouteEntry } from './routes.ts';
import { createSignIn, redirect } from './signIn.ts';
import type { StaticFiles } from './staticFiles.ts';
import { createStatusChannel } from './statusChannel.ts';
import { createSystemHandlers } from './system.ts';
import { createPanelApi, type PanelApi } from './systemApi.ts';

export interface AppOptions {
  readonly manifest: Manifest;
  readonly source: StatusSource;
  readonly bridge: PanelBridge;
  /** The service as which this panel runs; null when it was not started as one. */
  readonly selfId: string | null;
  readonly auth: Auth;
  /** Host headers that belong to the panel; known once it listens. */
  readonly hosts: () => ReadonlySet<string>;
  readonly secure: boolean;
  readonly files: StaticFiles;
  readonly astro: AstroRoutes;
  readonly logger: Logger;
  /** What the parts of the panel answer beside the routes of this file. */
  readonly parts?: readonly Part[];
  /** A body has so long to come, in milliseconds, where its route says nothing else. */
  readonly bodyMs?: number;
  /** Hears of every action that somebody asked for. */
  readonly audited?: (entry: AuditEntry) => void;
  /** Hears of every request that was answered. */
  readonly answered?: (seen: RequestSeen) => void;
  /** What goes through the event streams beside the picture. */
  readonly channels?: readonly Channel[];
}

/** A part of the panel with routes of its own. */
export interface Part {
  readonly routes: readonly RouteEntry[];
  /** Ends its open streams and lets go of what it holds. */
  close?(): void;
}

export interface PanelApp {
  /** Answers every request, whatever it is. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /**
   * For a server that brings its own pages and endpoints: answers what is refused or a raw route, and otherwise
   * returns what the endpoints get.
   */
  intercept(request: IncomingMessage, response: ServerResponse): Promise<PanelApi | null>;
  readonly routes: readonly RouteEntry[];
  /** How many event streams are open. */
  readonly streams: number;
  /** Ends the open streams. */
  close(): void;
}

/** The panel without its sockets: guard, then raw routes, then static files, then Astro's endpoints. */
export function createApp({
  manifest,
  source,
  bridge,
  selfId,
  auth,
  hosts,
  secure,
  files,
  astro,
  logger,
  parts = [],
  channels = [],
  answered = () => {},
  audited = () => {},
  bodyMs = 30_000,
}: AppOptions): PanelApp {
  const events = createEventStream({
    hello: { self: selfId, signIn: auth.required },
    channels: [createStatusChannel({ source }), ...channels],
  });
  const system = createSystemHandlers({ manifest, source, bridge, selfId });
  const attempts = createAttempts();
  const access = createAccess({ auth, attempts });
  const { signIn, signOut } = createSignIn({ auth, attempts, secure });
  const entries: readonly RouteEntry[] = [
    {
      pattern: '/api/health',
      open: true,
      methods: { GET: ({ response }) => sendJson(response, '{"status":"ok"}') },
    },
    {
      pattern: '/api/status',
      methods: {
        GET: async ({ response, language }) => sendJson(response, (await source.current()).json(language)),
      },
    },
    { pattern: '/api/events', methods: { GET: (exchange) => events.open(exchange) } },
    { pattern: '/sign-in', open: true, methods: { POST: signIn } },
    { pattern: '/sign-out', methods: { POST: signOut } },
    { pattern: '/api/system/ignite', methods: 'astro' },
    {
      // Asked by scripts again and again: it must not wait for Astro, nor load it.
      pattern: '/api/system/{id}/status',
      methods: {
        GET: async ({ response, language, params }) =>
          sendJson(response, JSON.stringify(await system.status(params['id'] ?? '', language))),
      },
    },
    { pattern: '/api/system/{id}/{action}', methods: 'astro' },
    ...parts.flatMap(({ routes }) => routes),
  ];
  const find = createRouter(entries);

  function failed(error: unknown, { id, path, request }: Pick<Exchange, 'id' | 'path' | 'request'>): string {
    const { status, code } = toProblem({ error, requestId: id, language: 'en' });
    const fields = { requestId: id, method: request.method, path, code };
    if (status >= 500) logger.error({ ...fields, err: error }, 'request failed');
    else logger.debug(fields, 'request refused');
    return code;
  }

  /** Tells of the answer once it is out, or its reader has gone. */
  function watch(request: IncomingMessage, response: ServerResponse): Seen {
    const began = performance.now();
    const seen: Seen = { pattern: null, path: '', params: {}, who: nobody, code: null };
    response.once('close', () => {
      const { statusCode: status } = response;
      const streamed = String(response.getHeader('content-type')).startsWith('text/event-stream');
      answered({
        method: methodLabel(request.method),
        route: routeLabel({ ...seen, status, files }),
        status,
        seconds: streamed ? null : (performance.now() - began) / 1000,
      });
      if (!isRead(request) && seen.pattern !== null) note(request, response, seen, performance.now() - began);
    });
    return seen;
  }

  /** Every action is written down, also one that was refused. */
  function note(request: IncomingMessage, response: ServerResponse, seen: Seen, ms: number): void {
    audited({
      at: new Date().toISOString(),
      requestId: String(response.getHeader('x-request-id')),
      who: seen.who,
      action: `${request.method} ${seen.pattern}`,
      target: { ...seen.params },
      status: response.statusCode,
      code: seen.code,
      ms: Math.round(ms),
    });
  }

  /** Returns the exchange when it may go on; a refusal is answered already. */
  function admit(request: IncomingMessage, response: ServerResponse, seen: Seen): Admitted | null {
    // Node keeps random bytes in store for these, which single ones are not taken from.
    const id = randomUUID().replaceAll('-', '').slice(-16);
    const { headers } = request;
    const language = chooseLanguage({ cookie: headers.cookie, acceptLanguage: headers['accept-language'] });
    setSecurityHeaders(response, id);
    try {
      const path = judgeRequest(request, hosts());
      const found = find(path);
      seen.path = path;
      seen.pattern = found?.entry.pattern ?? null;
      seen.params = found?.params ?? {};
      judgeLength(request, found?.entry.bodyLimit);
      const params = found?.params ?? {};
      const open = isOpen(path, found, files);
      const { role, who } = access(request);
      seen.who = who;
      const exchange: Exchange = { request, response, id, path, params, language, role: role ?? 'reader' };
      if (role === null && !open) return turnAway(exchange);
      const changes = !isRead(request) || found?.entry.operatorsOnly === true;
      if (role === 'reader' && changes && !open) throw new OrchestratorError('ORC4009');
      expectBody(request, found?.entry.bodyMs ?? bodyMs);
      return { exchange, found, seen };
    } catch (error) {
      seen.code = failed(error, { id, path: '', request });
      sendProblem(response, toProblem({ error, requestId: id, language }));
      return null;
    }
  }

  /** An endpoint answers its faults itself; the audit log is to hear of them all the same. */
  const noting = (seen: Seen) => (error: unknown, exchange: Exchange) => {
    seen.code = failed(error, exchange);
  };

  /** Answers by a raw route, if the path is one. */
  async function routed({ exchange, found }: Admitted): Promise<boolean> {
    const { request, path } = exchange;
    const methods = found?.entry.methods;
    if (methods === undefined || methods === 'astro') return false;
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
    const route = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (route) await route(exchange);
    else if (isRead(request) && !path.startsWith('/api/')) return false;
    else refuseMethod(exchange, Object.keys(methods));
    return true;
  }

  async function rest({ exchange, found, seen }: Admitted): Promise<void> {
    const { request, response, path } = exchange;
    if (!path.startsWith('/api/')) {
      if (!isRead(request)) refuseMethod(exchange, ['GET', 'HEAD']);
      if (files.serve(exchange)) return;
      throw nothingThere(exchange, files);
    }
    const panel = createPanelApi({ exchange, system, failed: noting(seen) });
    if (found && (await astro.handle(request, response, { panel }))) return;
    throw new OrchestratorError('ORC4002', { path });
  }

  async function answering({ exchange, seen }: Admitted, work: () => Promise<void>): Promise<void> {
    const { response, id: requestId, language, path, request } = exchange;
    if (!isRead(request)) {
      const began = performance.now();
      response.once('finish', () => {
        const ms = Math.round(performance.now() - began);
        logger.info({ requestId, method: request.method, path, status: response.statusCode, ms }, 'request');
      });
    }
    try {
      await work();
    } catch (error) {
      seen.code = failed(error, exchange);
      const problem = toProblem({ error, requestId, language });
      const lost = problem.code === 'ORC4002' && wantsPage(request);
      if (lost && files.serveNotFound(exchange)) return;
      sendProblem(response, problem);
    }
  }

  return {
    async handle(request, response) {
      const seen = watch(request, response);
      const admitted = admit(request, response, seen);
      if (!admitted) return;
      await answering(admitted, async () => {
        if (!(await routed(admitted))) await rest(admitted);
      });
    },
    async intercept(request, response) {
      const admitted = admit(request, response, watch(request, response));
      if (!admitted) return null;
      const { exchange } = admitted;
      let done = true;
      await answering(admitted, async () => {
        done = await routed(admitted);
      });
      return done ? null : createPanelApi({ exchange, system, failed: noting(admitted.seen) });
    },
    routes: entries,
    get streams() {
      return events.size;
    },
    close() {
      events.close();
      for (const part of parts) part.close?.();
    },
  };
}

/** What metrics and audit log want to know of a request. */
interface Seen {
  pattern: string | null;
  path: string;
  params: Readonly<Record<string, string>>;
  who: AuditEntry['who'];
  /** Of the error that was answered. */
  code: string | null;
}

interface Admitted {
  readonly seen: Seen;
  readonly exchange: Exchange;
  readonly found: Found | null;
}

/** Who sends a body byte by byte holds a connection for so long and no longer. */
function expectBody(request: IncomingMessage, limitMs: number): void {
  if (isRead(request) || request.complete) return;
  const timer = setTimeout(() => request.complete || request.destroy(), limitMs).unref();
  request.once('close', () => clearTimeout(timer));
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

function wantsPage(request: IncomingMessage): boolean {
  return isRead(request) && (request.headers.accept ?? '').includes('text/html');
}

/** What answers without a token: nothing that says anything about the system. */
function isOpen(path: string, found: Found | null, files: StaticFiles): boolean {
  return found?.entry.open === true || path === '/sign-in/' || !files.isPage(path);
}

function turnAway({ request, response, path }: Exchange): null {
  if (!wantsPage(request) || path.startsWith('/api/')) throw new OrchestratorError('ORC4006');
  redirect(response, `/sign-in?next=${encodeURIComponent(path)}`);
  return null;
}

function refuseMethod({ request, response }: Exchange, methods: readonly string[]): never {
  const allow = methods.includes('GET') && !methods.includes('HEAD') ? [...methods, 'HEAD'] : methods;
  response.setHeader('Allow', allow.join(', '));
  throw new OrchestratorError('ORC4003', { method: request.method ?? '', allow: allow.join(', ') });
}

function nothingThere({ path }: Exchange, files: StaticFiles): OrchestratorError {
  return files.built
    ? new OrchestratorError('ORC4002', { path })
    : new OrchestratorError('ORC2014', { part: 'panel', file: 'dist/client' });
}
