const kib = 1024;
const mib = 1024 * kib;

/** ComfyUI's own limit, unless it was started with another. */
export const uploadLimit = 100 * mib;

export interface AllowedCall {
  readonly method: 'GET' | 'POST';
  /** Below ComfyUI's root; `{name}` stands for one segment. Also the `endpoint` label of the metrics. */
  readonly pattern: string;
  /** Largest body in bytes. */
  readonly bodyLimit: number;
}

/**
 * What passes to ComfyUI: all that submits, follows and cancels jobs, and fetches what they need and make. Settings,
 * users' own files, and what is private to ComfyUI's page do not: that page has an address of its own.
 */
export const allowedCalls: readonly AllowedCall[] = [
  ...[
    'system_stats',
    'features',
    'prompt',
    'queue',
    'history',
    'history/{id}',
    'view',
    'view_metadata/{folder}',
    'object_info',
    'object_info/{class}',
    'models',
    'models/{folder}',
    'embeddings',
    'api/jobs',
    'api/jobs/{id}',
  ].map((pattern) => ({ method: 'GET' as const, pattern, bodyLimit: 0 })),
  { method: 'POST', pattern: 'prompt', bodyLimit: 16 * mib },
  ...['queue', 'history', 'interrupt', 'free', 'api/jobs/cancel', 'api/jobs/{id}/cancel'].map((pattern) => ({
    method: 'POST' as const,
    pattern,
    bodyLimit: 64 * kib,
  })),
  { method: 'POST', pattern: 'upload/image', bodyLimit: uploadLimit },
  { method: 'POST', pattern: 'upload/mask', bodyLimit: uploadLimit },
];

const shapes = allowedCalls.map((call) => ({
  call,
  shape: new RegExp(`^${call.pattern.replace(/\{\w+\}/g, '[^/]+')}$`),
}));

/** The call that a method and a path stand for; HEAD goes with GET. Null when it does not pass. */
export function findAllowed(method: string, path: string): AllowedCall | null {
  const wanted = method === 'HEAD' ? 'GET' : method;
  return shapes.find(({ call, shape }) => call.method === wanted && shape.test(path))?.call ?? null;
}
