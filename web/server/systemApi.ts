import { actionBodySchema } from '../../core/contract/action.ts';
import { OrchestratorError } from '../../core/contract/errors.ts';
import type { Exchange } from './context.ts';
import { toProblem } from './problem.ts';
import { jsonResponse, problemResponse, readBody } from './respond.ts';
import { type Action, actions, type SystemHandlers } from './system.ts';

/** What the endpoints below pages/api get as `locals.panel`: bound to one request, and answering faults themselves. */
export interface PanelApi {
  systemAction(request: Request, name: string | undefined, action: string | undefined): Promise<Response>;
  systemIgnite(request: Request): Promise<Response>;
}

export function createPanelApi({
  exchange,
  system,
  failed,
}: {
  exchange: Exchange;
  system: SystemHandlers;
  /** Hears of every error that becomes an answer. */
  failed: (error: unknown, exchange: Exchange) => void;
}): PanelApi {
  const { id: requestId, language, response } = exchange;
  const caller = { requestId, language };

  async function guarded(handler: () => Promise<Response>): Promise<Response> {
    try {
      return await handler();
    } catch (error) {
      failed(error, exchange);
      const allow = (error as { data?: { allow?: unknown } } | null)?.data?.allow;
      const headers = typeof allow === 'string' ? { allow } : {};
      return problemResponse(toProblem({ error, requestId, language }), headers);
    }
  }

  /** The target is this very process: the answer must be on its way before anything happens to it. */
  function afterAnswer(run: () => Promise<void>): void {
    response.once('close', () => {
      run().catch((error: unknown) => failed(error, exchange));
    });
  }

  return {
    systemAction: (request, name = '', word = '') =>
      guarded(async () => {
        const action = actions.find((known) => known === word);
        if (!action) throw new OrchestratorError('ORC4002', { path: exchange.path });
        allow(request, 'POST');
        return answerAction(name, action, await readAction(request));
      }),
    systemIgnite: (request) =>
      guarded(async () => {
        allow(request, 'POST');
        await readAction(request);
        const results = await system.ignite(caller);
        return jsonResponse({ ok: results.every(({ outcome }) => outcome !== 'failed'), results });
      }),
  };

  async function answerAction(name: string, action: Action, body: { wait: boolean }): Promise<Response> {
    const result = await system.act(name, action, body, caller);
    if (!result.accepted) return jsonResponse(result);
    const { run, ...answer } = result;
    afterAnswer(run);
    return jsonResponse(answer, 202);
  }
}

function allow({ method }: Request, ...allowed: readonly string[]): void {
  if (!allowed.includes(method))
    throw new OrchestratorError('ORC4003', { method, allow: allowed.join(', ') });
}

async function readAction(request: Request): Promise<{ wait: boolean }> {
  const body = await readBody(request.body);
  if (body.trim() === '') return actionBodySchema.parse({});
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new OrchestratorError('ORC4005', { detail: 'The body is not JSON.' });
  }
  const parsed = actionBodySchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new OrchestratorError('ORC4005', {
    detail: `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not valid'}`,
  });
}
