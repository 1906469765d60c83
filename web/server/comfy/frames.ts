/** A message of ComfyUI's WebSocket, as far as it is passed on. */
export type ComfyMessage =
  | { readonly kind: 'event'; readonly type: string; readonly data: unknown }
  | { readonly kind: 'preview'; readonly preview: Preview };

export interface Preview {
  readonly mime: 'image/jpeg' | 'image/png';
  readonly nodeId: string | null;
  readonly promptId: string | null;
  readonly base64: string;
}

/** What a page needs to follow a job. Everything else, such as ComfyUI's own log, stays behind. */
export const passedTypes = [
  'status',
  'execution_start',
  'execution_cached',
  'executing',
  'progress',
  'progress_state',
  'executed',
  'execution_success',
  'execution_error',
  'execution_interrupted',
] as const;

/** A larger preview is left out. */
const previewLimit = 1_500_000;

/** Reads a text frame; null for what is not passed on. */
export function readText(text: string): ComfyMessage | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const { type, data } = (json ?? {}) as { type?: unknown; data?: unknown };
  const known = passedTypes.find((each) => each === type);
  if (!known) return null;
  return { kind: 'event', type: known, data: shorten(known, data) };
}

function shorten(type: string, data: unknown): unknown {
  if (type === 'execution_error') return shortError(data);
  return type === 'status' ? plainStatus(data) : data;
}

/** The first one of newer versions holds a key to the connection, which is the panel's own. */
function plainStatus(data: unknown): unknown {
  return { status: (data as { status?: unknown } | null)?.status ?? null };
}

/** What a node was given may be large and private; the last calls tell where it happened. */
function shortError(data: unknown): unknown {
  const {
    current_inputs: _,
    current_outputs: __,
    traceback,
    ...rest
  } = (data ?? {}) as Record<string, unknown>;
  return { ...rest, traceback: Array.isArray(traceback) ? traceback.slice(-3) : [] };
}

/** Reads a binary frame: all numbers are big-endian and 32 bits wide. Null for what is no preview. */
export function readBinary(frame: Buffer): ComfyMessage | null {
  if (frame.byteLength < 8 || frame.byteLength > previewLimit) return null;
  const kind = frame.readUInt32BE(0);
  if (kind === 1) {
    const mime = frame.readUInt32BE(4) === 2 ? 'image/png' : 'image/jpeg';
    return preview({ mime, nodeId: null, promptId: null, image: frame.subarray(8) });
  }
  if (kind !== 4) return null;
  const length = frame.readUInt32BE(4);
  if (8 + length > frame.byteLength) return null;
  const about = parseAbout(frame.toString('utf8', 8, 8 + length));
  return about && preview({ ...about, image: frame.subarray(8 + length) });
}

function parseAbout(text: string): Omit<Preview, 'base64'> | null {
  try {
    const { node_id, prompt_id, image_type } = JSON.parse(text) as Record<string, unknown>;
    return {
      mime: image_type === 'image/png' ? 'image/png' : 'image/jpeg',
      nodeId: typeof node_id === 'string' ? node_id : null,
      promptId: typeof prompt_id === 'string' ? prompt_id : null,
    };
  } catch {
    return null;
  }
}

function preview({ image, ...about }: Omit<Preview, 'base64'> & { image: Buffer }): ComfyMessage {
  return { kind: 'preview', preview: { ...about, base64: image.toString('base64') } };
}
