import type { ComfyStatus } from '../../../core/contract/comfy.ts';
import type { Service } from '../../../core/contract/manifest.ts';
import { serviceAddress } from '../../../core/manifest/address.ts';
import type { StatusSource } from '../../../core/status/source.ts';
import { isLoopback } from '../address.ts';
import { createPolling, type Polling } from '../polling.ts';
import type { ComfyFacts } from './status.ts';

export interface ComfyWatch extends Polling<ComfyStatus> {
  /** At most `freshMs` old; all who ask at the same time share one question. Never rejects. */
  current(): Promise<ComfyStatus>;
}

export interface ComfyWatchOptions {
  /** Null when the manifest has none. */
  readonly service: Service | null;
  readonly source: StatusSource;
  /** Asks ComfyUI itself; throws when it does not answer. */
  readonly facts: () => Promise<ComfyFacts>;
  readonly models: () => Promise<Record<string, number>>;
  readonly everyMs?: number;
  readonly freshMs?: number;
  /** Models are counted this seldom: ComfyUI reads its folders for each answer. */
  readonly modelsMs?: number;
  readonly clock?: () => number;
}

const nothing: ComfyFacts = {
  version: null,
  os: null,
  python: null,
  pytorch: null,
  devices: [],
  ram: null,
  queue: null,
  latencyMs: null,
};

/** Looks at ComfyUI while somebody wants to know. */
export function createComfyWatch({
  service,
  source,
  facts,
  models,
  everyMs = 5000,
  freshMs = 1000,
  modelsMs = 60_000,
  clock = Date.now,
}: ComfyWatchOptions): ComfyWatch {
  const address = service && serviceAddress(service);
  let last: { readonly at: number; readonly status: ComfyStatus } | null = null;
  let asking: Promise<ComfyStatus> | null = null;
  let counts: { readonly at: number; readonly models: Record<string, number> } | null = null;

  async function countModels(): Promise<Record<string, number>> {
    const now = clock();
    if (!counts || now - counts.at >= modelsMs) counts = { at: now, models: await models() };
    return counts.models;
  }

  async function look(): Promise<ComfyStatus> {
    const seen = address === null ? null : await facts().catch(() => null);
    const counted = seen ? await countModels().catch(() => ({})) : {};
    if (!seen) counts = null;
    const { services } = (await source.current()).status;
    const state = services.find(({ id }) => id === service?.id);
    const status: ComfyStatus = {
      ...(seen ?? nothing),
      at: new Date(clock()).toISOString(),
      reachable: seen !== null,
      address,
      uiAddress: service && pageAddress(service),
      mode: service?.mode ?? null,
      models: counted,
      service: state
        ? {
            id: state.id,
            state: state.state,
            health: state.health,
            reason: state.reason,
            nextAction: state.nextAction,
            nextActionAt: state.nextActionAt,
          }
        : null,
    };
    last = { at: clock(), status };
    return status;
  }

  async function current(): Promise<ComfyStatus> {
    if (last && Math.abs(clock() - last.at) < freshMs) return last.status;
    asking ??= look().finally(() => {
      asking = null;
    });
    return asking;
  }

  return { current, ...createPolling({ everyMs, look: current }) };
}

/** The demo has no page of its own worth opening. */
function pageAddress(service: Service): string | null {
  if (service.mode === 'demo' || service.port === null) return null;
  // `localhost` rather than an address of it: ComfyUI compares the name that its page was opened by.
  return isLoopback(service.host) ? `${service.scheme}://localhost:${service.port}` : serviceAddress(service);
}
