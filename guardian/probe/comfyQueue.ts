// Not by an import: see http.ts.
const { get } = process.getBuiltinModule('node:http');

/** What ComfyUI's queue was at one moment. */
export interface QueueLook {
  /** A job is being worked on. */
  readonly running: boolean;
  /** Changes when a job begins or ends, or one is added. */
  readonly mark: string;
}

/** Queues carry whole graphs; one with larger ones than this is judged by its log files alone. */
const bodyLimit = 16 * 1024 * 1024;

/** Asks for the queue. Null is no result. Never rejects. */
export function probeComfyQueue({
  address,
  timeoutMs,
}: {
  address: string;
  timeoutMs: number;
}): Promise<QueueLook | null> {
  return new Promise((resolve) => {
    const request = get(`${address}/queue`, { agent: false, timeout: timeoutMs }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > bodyLimit) finish(null);
        else chunks.push(chunk);
      });
      response.on('end', () => finish(response.statusCode === 200 ? readQueue(Buffer.concat(chunks)) : null));
      response.on('error', () => finish(null));
    });
    const timer = setTimeout(() => finish(null), timeoutMs);
    const finish = (look: QueueLook | null) => {
      clearTimeout(timer);
      resolve(look);
      request.destroy();
    };
    request.on('error', () => finish(null));
  });
}

function readQueue(body: Buffer): QueueLook | null {
  try {
    const { queue_running, queue_pending } = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    if (!Array.isArray(queue_running) || !Array.isArray(queue_pending)) return null;
    // Items are arrays whose second element is the prompt's id; newer versions add elements at the end.
    const ids = [queue_running, queue_pending].map((items) =>
      items.map((item: unknown) => (Array.isArray(item) ? String(item[1]) : '?')).join(','),
    );
    return { running: queue_running.length > 0, mark: ids.join('|') };
  } catch {
    return null;
  }
}
