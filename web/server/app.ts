import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuditEntry } from '../../core/contract/audit.ts';
import { OrchestratorError } from '../../core/contract/errors.ts';
import type { Manifest } from '../../core/contract/manifest.ts';
import type { Logger } from '../../core/logger.ts';
import type { StatusSource } from '../../core/status/source.ts';
import { createAccess } from './access.ts';
import { type Admitted, createAdmission } from './admission.ts';
import type { AstroRoutes } from './astroRoutes.ts';
import { createAttempts } from './attempts.ts';
import type { Auth } from './auth.ts';
import type { PanelBridge } from './bridge.ts';
import type { Channel } from './channel.ts';
import type { Exchange } from './context.ts';
import { createEventStream } from './events.ts';
import { isRead, wantsPage } from './exchangeKind.ts';
import type { RequestSeen } from './metrics/recorder.ts';
import { createObserver, type Seen } from './observer.ts';
import { ownRoutes } from './ownRoutes.ts';
import { toProblem } from './problem.ts';
import { sendProblem, setRetryAfter } from './respond.ts';
import { createRouter, type RouteEntry } from './routes.ts';
import { createSignIn } from './signIn.ts';
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
  /** Resolves when every request that came has been told of. */
  told(): Promise<void>;
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
  const entries = [
    ...ownRoutes({ source, events, system, signIn, signOut }),
    ...parts.flatMap(({ routes }) => routes),
  ];
  const observer = createObserver({ files, answered, audited });
  const admit = createAdmission({ hosts, find: createRouter(entries), access, files, bodyMs, failed });

  function failed(error: unknown, { id, path, request }: Pick<Exchange, 'id' | 'path' | 'request'>): string {
    const { status, code } = toProblem({ error, requestId: id, language: 'en' });
    const fields = { requestId: id, method: request.method, path, code };
    if (status >= 500) logger.error({ ...fields, err: error }, 'request failed');
    else logger.debug(fields, 'request refused');
    return code;
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
      setRetryAfter(response, error);
      sendProblem(response, problem);
    }
  }

  return {
    async handle(request, response) {
      const admitted = admit(request, response, observer.observe(request, response));
      if (!admitted) return;
      await answering(admitted, async () => {
        if (!(await routed(admitted))) await rest(admitted);
      });
    },
    async intercept(request, response) {
      const admitted = admit(request, response, observer.observe(request, response));
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
      return observer.streams;
    },
    close() {
      events.close();
      for (const part of parts) part.close?.();
    },
    told: observer.told,
  };
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
