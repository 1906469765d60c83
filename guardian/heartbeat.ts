import { open } from 'node:fs/promises';

/** Keeps guardian.json. One write at a time; whoever asks during a write shares the next one. */
export interface HeartbeatFile {
  /** Resolves when the file holds what is true now: true, or false when it cannot be written. Never rejects. */
  save(): Promise<boolean>;
  /** When the last write succeeded, milliseconds since 1970. */
  readonly savedAt: number;
}

export function createHeartbeatFile({
  write,
  now,
  onTrouble,
}: {
  /** Composes and writes the file. */
  write: () => Promise<void>;
  now: () => number;
  onTrouble: (error: unknown) => void;
}): HeartbeatFile {
  let savedAt = 0;
  let running: Promise<boolean> | null = null;
  let waiting: Promise<boolean> | null = null;
  const once = async () => {
    try {
      await write();
      savedAt = now();
      return true;
    } catch (error) {
      onTrouble(error);
      return false;
    }
  };
  const begin = (): Promise<boolean> => {
    running = once();
    return running;
  };
  return {
    save() {
      if (running === null) {
        return begin().finally(() => {
          if (waiting === null) running = null;
        });
      }
      waiting ??= running.then(() => {
        waiting = null;
        running = null;
        return this.save();
      });
      return waiting;
    },
    get savedAt() {
      return savedAt;
    },
  };
}

/** Who wrote a heartbeat, and when, stand at its beginning. */
const headBytes = 512;

/** The process that a heartbeat file names; null when there is none. Read without the schema: any version counts. */
export async function heartbeatOwner(file: string): Promise<{ processId: number; at: number } | null> {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      const head = buffer.toString('utf8', 0, bytesRead);
      const processId = /"processId":\s*(\d+)/.exec(head)?.[1];
      const at = /"at":\s*"([^"]+)"/.exec(head)?.[1];
      return processId === undefined || at === undefined
        ? null
        : { processId: Number(processId), at: Date.parse(at) };
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}
