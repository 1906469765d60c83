import type { Pool } from 'undici';
import { OrchestratorError } from '../../../core/contract/errors.ts';
import type { Manifest, Service } from '../../../core/contract/manifest.ts';
import { serviceAddress } from '../../../core/manifest/address.ts';
import type { StatusSource } from '../../../core/status/source.ts';
import type { Part } from '../app.ts';
import type { Exchange } from '../context.ts';
import { judgeLength } from '../guard.ts';
import { type Problem, toProblem } from '../problem.ts';
import { readBuffer, sendJson } from '../respond.ts';
import { type AllowedCall, findAllowed, uploadLimit } from './allowList.ts';
import { comfyDown } from './down.ts';
import { openGuard, type PromptGuard, promptTexts } from './promptGuard.ts';
import { type ComfyWatch, createComfyWatch } from './watch.ts';

export interface ComfyPart extends Part {
  readonly watch: ComfyWatch;
}

export interface ComfyPartOptions {
  readonly manifest: Manifest;
  readonly source: StatusSource;
  readonly guard?: PromptGuard;
  /** Hears of every call that went to ComfyUI; status 0 when there was no answer. */
  readonly called?: (endpoint: string, status: number) => void;
  /** ComfyUI has so long to begin its answer, and may pause so long within it. */
  readonly timeoutMs?: number;
}

/** ComfyUI is the service of that id or alias. */
export function findComfy({ services }: Manifest): Service | null {
  const names = ['comfyui', 'comfy'];
  return (
    services.find(({ id, aliases }) => names.includes(id) || names.some((name) => aliases.includes(name))) ??
    null
  );
}

/** `/api/comfy/…`: its state, its events, and what passes through to it. */
export function createComfyPart({
  manifest,
  source,
  guard = openGuard,
  called = () => {},
  timeoutMs = 30_000,
}: ComfyPartOptions): ComfyPart {
  const service = findComfy(manifest);
  const address = service && serviceAddress(service);
  let opening: Promise<Pool> | null = null;
  let passing: Promise<typeof import('./proxy.ts')> | null = null;
  const closers = new Set<() => void>();

  /** undici costs memory and time, so it comes with the first question. */
  function pool(): Promise<Pool> {
    if (address === null) throw new OrchestratorError('ORC4034');
    opening ??= import('./pool.ts').then(({ createPool }) => createPool({ address, timeoutMs }));
    return opening;
  }

  const ask = async () => {
    const [connections, parts] = await Promise.all([pool(), import('./status.ts')]);
    return { ...parts, ask: parts.createAsk(connections) };
  };
  const watch = createComfyWatch({
    service,
    source,
    facts: async () => {
      const parts = await ask();
      return parts.askFacts(parts.ask);
    },
    models: async () => {
      const parts = await ask();
      return parts.askModels(parts.ask);
    },
  });

  async function pass(exchange: Exchange): Promise<void> {
    const { request, params } = exchange;
    const call = findAllowed(request.method ?? '', params['path'] ?? '');
    if (!service || address === null) throw new OrchestratorError('ORC4034');
    if (!call) {
      throw new OrchestratorError('ORC4032', {
        method: request.method ?? '',
        path: `/${params['path'] ?? ''}`.slice(0, 200),
        address,
      });
    }
    judgeLength(request, call.bodyLimit);
    const body =
      call.method === 'POST' && call.pattern === 'prompt' ? await judgePrompt(exchange, call) : null;
    const target = rawTarget(request.url ?? '');
    // Kept, since even a module that is there already is looked up with each import.
    passing ??= import('./proxy.ts');
    const [connections, { forward, UpstreamError }] = await Promise.all([pool(), passing]);
    try {
      const { response } = exchange;
      const status = await forward(connections, {
        request,
        response,
        target,
        body,
        bodyLimit: call.bodyLimit,
      });
      called(call.pattern, status);
    } catch (error) {
      called(call.pattern, 0);
      if (!(error instanceof UpstreamError)) throw error;
      throw await comfyDown({ fault: error.fault, service, source, language: exchange.language });
    }
  }

  async function judgePrompt(exchange: Exchange, { bodyLimit }: AllowedCall): Promise<Buffer> {
    const { request, id: requestId, language } = exchange;
    const body = await readBuffer(request, bodyLimit);
    const judgement = await guard.judge(promptTexts(body), { requestId, language });
    if (!judgement.allowed) throw judgement.problem;
    return body;
  }

  async function lost({ language, id: requestId }: Exchange): Promise<Problem | null> {
    if (!service) return null;
    const error = await comfyDown({ fault: 'refused', service, source, language });
    return toProblem({ error, requestId, language });
  }

  return {
    watch,
    routes: [
      {
        pattern: '/api/comfy/status',
        methods: {
          GET: async ({ response }) => sendJson(response, JSON.stringify(await watch.current())),
        },
      },
      {
        pattern: '/api/comfy/events',
        methods: {
          GET: async (exchange) => {
            if (address === null) throw new OrchestratorError('ORC4034');
            const { streamComfyEvents } = await import('./events.ts');
            const close = streamComfyEvents({ exchange, address, lost: () => lost(exchange) });
            closers.add(close);
            exchange.response.once('close', () => closers.delete(close));
          },
        },
      },
      {
        pattern: '/api/comfy/{path...}',
        methods: { GET: pass, POST: pass },
        bodyLimit: uploadLimit,
        // An upload over a slow line takes its time.
        bodyMs: 600_000,
      },
    ],
    close() {
      watch.close();
      for (const close of closers) close();
      void opening?.then((connections) => connections.destroy());
    },
  };
}

/** What stands behind the panel's own prefix, untouched: decoding and encoding anew could make another address of it. */
function rawTarget(url: string): string {
  const prefix = '/api/comfy/';
  if (!url.startsWith(prefix)) {
    throw new OrchestratorError('ORC4005', { detail: 'The address is written in an unusual way.' });
  }
  return url.slice(prefix.length - 1);
}
