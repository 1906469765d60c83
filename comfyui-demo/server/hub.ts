import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { isObject, parseJson, toJson } from '../json.ts';
import type { Profile } from '../versions/profile.ts';

const PREVIEW = 1;
const PREVIEW_WITH_METADATA = 4;
const JPEG = 1;

interface Client {
  socket: WebSocket;
  wantsPreviewMetadata: boolean;
}

const numbers = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, index * 4);
  });
  return bytes;
};

/** The connected sockets, one for each client id, and what they are told. */
export class Hub {
  readonly #clients = new Map<string, Client>();
  readonly #profile: Profile;
  readonly #features: () => Record<string, unknown> | null;
  readonly #remaining: () => number;
  #following: string | null = null;
  /** the node that runs now, told to its client when it connects again */
  lastNode: string | null = null;

  constructor(options: {
    profile: Profile;
    features: () => Record<string, unknown> | null;
    remaining: () => number;
  }) {
    this.#profile = options.profile;
    this.#features = options.features;
    this.#remaining = options.remaining;
  }

  /** the client whose job runs, or ran last */
  get following(): string | null {
    return this.#following;
  }
  follow(client: string | null): void {
    this.#following = client;
  }

  connect(socket: WebSocket, wanted: string | null): void {
    const id = wanted || randomUUID().replaceAll('-', '');
    this.#clients.set(id, { socket, wantsPreviewMetadata: false });
    this.send('status', { ...this.#status(), sid: id }, id);
    if (this.#following === id && this.lastNode !== null) this.send('executing', { node: this.lastNode }, id);
    let first = true;
    socket.on('message', (data, binary) => {
      if (first && !binary) this.#greet(id, String(data));
      first = false;
    });
    socket.on('error', () => {});
    // A second socket with the same id takes the place of the first, and the end of the first then removes
    // the second: a flaw of the real servers that clients must live with.
    socket.on('close', () => this.#clients.delete(id));
  }

  broadcastStatus(): void {
    this.send('status', this.#status(), null);
  }

  /** To one client, or to all when there is none. */
  send(type: string, data: unknown, client: string | null): void {
    this.#deliver(toJson({ type, data }), client);
  }

  wantsPreviewMetadata(client: string | null): boolean {
    return client !== null && (this.#clients.get(client)?.wantsPreviewMetadata ?? false);
  }

  sendPreview(jpeg: Buffer, client: string | null, metadata?: Record<string, unknown>): void {
    if (!metadata) {
      this.#deliver(Buffer.concat([numbers(PREVIEW, JPEG), jpeg]), client);
      return;
    }
    const text = Buffer.from(toJson(metadata));
    this.#deliver(Buffer.concat([numbers(PREVIEW_WITH_METADATA, text.length), text, jpeg]), client);
  }

  closeAll(): void {
    for (const { socket } of this.#clients.values()) socket.terminate();
    this.#clients.clear();
  }

  #status(): Record<string, unknown> {
    return { status: { exec_info: { queue_remaining: this.#remaining() } } };
  }

  #greet(id: string, text: string): void {
    if (!this.#profile.features) return;
    try {
      const message = parseJson(text);
      if (!isObject(message) || message.type !== 'feature_flags' || !isObject(message.data)) return;
      const client = this.#clients.get(id);
      if (client) client.wantsPreviewMetadata = message.data.supports_preview_metadata === true;
      this.send('feature_flags', this.#features(), id);
    } catch {
      // not JSON: the real servers warn and go on
    }
  }

  #deliver(message: string | Buffer, client: string | null): void {
    const meant = client === null ? [...this.#clients.values()] : [this.#clients.get(client)];
    for (const target of meant) {
      if (target?.socket.readyState === 1) target.socket.send(message);
    }
  }
}
