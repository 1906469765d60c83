import type { Service } from '../core/contract/manifest.ts';
import type { Heartbeat } from '../core/contract/state.ts';
import { type BusyWatch, createBusyWatch } from './busy.ts';
import { policyOf } from './policy/policyOf.ts';
import { fromPublished, initialState } from './policy/stateOf.ts';
import type { Fault, Instant, ServicePolicy, ServiceState } from './policy/types.ts';

/** ComfyUI's id in every manifest. */
const comfyId = 'comfyui';

/** One service under the guardian's eyes. */
export interface Watched {
  readonly service: Service;
  readonly policy: ServicePolicy;
  /** Only ComfyUI has jobs that can be looked at. */
  readonly busy: BusyWatch | null;
  state: ServiceState;
  /** What is wrong, as of the last decision. */
  fault: Fault | null;
  /** A required file that is not there. */
  missing: string | null;
  acting: boolean;
  /** When the restart began that a former guardian left under way; null for none. */
  readonly inheritedSince: Instant | null;
  probing: boolean;
  /** Verdict of the last probe; null when there was no result. */
  verdict: boolean | null;
}

/** A former guardian's view is taken on where there is one, so that attempts survive its death. */
export function watch({
  service,
  former,
  now,
}: {
  service: Service;
  former: Heartbeat | null;
  now: () => Instant;
}): Watched {
  const view = former && Object.hasOwn(former.services, service.id) ? former.services[service.id] : undefined;
  const state = view ? fromPublished(view) : initialState(now());
  return {
    service,
    policy: policyOf(service),
    busy:
      service.id === comfyId
        ? createBusyWatch({ logs: [service.logs.stdout, service.logs.stderr], now })
        : null,
    state,
    fault: null,
    missing: null,
    acting: false,
    inheritedSince: state.hold === null ? null : state.since,
    probing: false,
    verdict: null,
  };
}
