import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { OrchestratorError } from '../../core/contract/errors.ts';
import type { Manifest } from '../../core/contract/manifest.ts';
import type { Logger } from '../../core/logger.ts';
import type { StatusSource } from '../../core/status/source.ts';
import type { AstroRoutes } from './astroRoutes.ts';
import { type Auth, sessionCookie } from './auth.ts';
import type { PanelBridge } from './bridge.ts';
import type { Exchange, Route } from './context.ts';
import { createEventStream } from './events.ts';
import { judgeRequest } from './guard.ts';
import { setSecurityHeaders } from './headers.ts';
import { chooseLanguage, cookieValue } from './language.ts';
import { toProblem } from './problem.ts';
import { sendJson, sendProblem } from './respond.ts';
import { createSignIn, redirect } from './signIn.ts';
import type { StaticFiles } from './staticFiles.ts';
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
}

export interface PanelApp {
  /** Answers every request, whatever it is. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /**
   * For a server that brings its own pages and endpoints: answers what is refused or a raw route, and otherwise
   * returns what the endpoints get.
   */
  intercept(request: IncomingMessage, response: ServerResponse): Promise<PanelApi | null>;
  /** Ends the open streams. */
  close(): void;
}

/** A route's handlers by method; HEAD goes with GET. */
type Methods = Readonly<Record<string, Route>>;

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
}: AppOptions): PanelApp {
  const events = createEventStream({ source, hello: { self: selfId, signIn: auth.required } });
  const system = createSystemHandlers({ manifest, source, bridge, selfId });
  const { signIn, signOut } = createSignIn({ auth, secure });
  const routes: Readonly<Record<string, Methods>> = {
    '/api/health': { GET: ({ response }) => sendJson(response, '{"status":"ok"}') },
    '/api/status': {
      GET: async ({ response, language }) => sendJson(response, (await source.current()).json(language)),
    },
    '/api/events': { GET: (exchange) => events.open(exchange) },
    '/sign-in': { POST: signIn },
    '/sign-out': { POST: signOut },
  };

  /** `/api/system/{id}/status`, asked by scripts again and again: it must not wait for Astro, nor load it. */
  function serviceRoutes(path: string): Methods | undefined {
    const name = /^\/api\/system\/([^/]+)\/status$/.exec(path)?.[1];
    if (name === undefined) return undefined;
    return {
      GET: async ({ response, language }) =>
        sendJson(response, JSON.stringify(await system.status(name, language))),
    };
  }

  function failed(error: unknown, { id, path, request }: Pick<Exchange, 'id' | 'path' | 'request'>): void {
    const { status, code } = toProblem({ error, requestId: id, language: 'en' });
    const fields = { requestId: id, method: request.method, path, code };
    if (status >= 500) logger.error({ ...fields, err: error }, 'request failed');
    else logger.debug(fields, 'request refused');
  }

  /** Returns the exchange when it may go on; a refusal is answered already. */
  function admit(request: IncomingMessage, response: ServerResponse): Exchange | null {
    const id = randomBytes(8).toString('hex');
    const { headers } = request;
    const language = chooseLanguage({ cookie: headers.cookie, acceptLanguage: headers['accept-language'] });
    setSecurityHeaders(response, id);
    try {
      const path = judgeRequest(request, hosts());
      const session = cookieValue(headers.cookie, sessionCookie);
      const role = auth.roleOf({ authorization: headers.authorization, session });
      const exchange: Exchange = { request, response, id, path, language, role: role ?? 'reader' };
      if (role === null && !isPublic(path, files)) return turnAway(exchange);
      if (role === 'reader' && !isRead(request) && !isPublic(path, files)) {
        throw new OrchestratorError('ORC4006');
      }
      return exchange;
    } catch (error) {
      failed(error, { id, path: '', request });
      sendProblem(response, toProblem({ error, requestId: id, language }));
      return null;
    }
  }

  /** Answers by a raw route, if the path is one. */
  async function routed(exchange: Exchange): Promise<boolean> {
    const { request, path } = exchange;
    const methods = Object.hasOwn(routes, path) ? routes[path] : serviceRoutes(path);
    if (!methods) return false;
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
    const route = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (route) await route(exchange);
    else if (isRead(request) && !path.startsWith('/api/')) return false;
    else refuseMethod(exchange, Object.keys(methods));
    return true;
  }

  async function rest(exchange: Exchange): Promise<void> {
    const { request, response, path } = exchange;
    if (!path.startsWith('/api/')) {
      if (!isRead(request)) refuseMethod(exchange, ['GET', 'HEAD']);
      if (files.serve(exchange)) return;
      throw nothingThere(exchange, files);
    }
    const panel = createPanelApi({ exchange, system, failed });
    if (!(await astro.handle(request, response, { panel }))) throw new OrchestratorError('ORC4002', { path });
  }

  async function answering(exchange: Exchange, work: () => Promise<void>): Promise<void> {
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
      failed(error, exchange);
      const problem = toProblem({ error, requestId, language });
      const lost = problem.code === 'ORC4002' && wantsPage(request);
      if (lost && files.serveNotFound(exchange)) return;
      sendProblem(response, problem);
    }
  }

  return {
    async handle(request, response) {
      const exchange = admit(request, response);
      if (!exchange) return;
      await answering(exchange, async () => {
        if (!(await routed(exchange))) await rest(exchange);
      });
    },
    async intercept(request, response) {
      const exchange = admit(request, response);
      if (!exchange) return null;
      let done = true;
      await answering(exchange, async () => {
        done = await routed(exchange);
      });
      return done ? null : createPanelApi({ exchange, system, failed });
    },
    close: () => events.close(),
  };
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

function wantsPage(request: IncomingMessage): boolean {
  return isRead(request) && (request.headers.accept ?? '').includes('text/html');
}

/** What answers without a token: nothing that says anything about the system. */
function isPublic(path: string, files: StaticFiles): boolean {
  return path === '/api/health' || path.replace(/\/$/, '') === '/sign-in' || !files.isPage(path);
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
