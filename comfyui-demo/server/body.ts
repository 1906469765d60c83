import type { IncomingMessage } from 'node:http';

/** The body is larger than --max-upload-size. */
export class TooLarge extends Error {
  constructor(limit: number, size: number) {
    super(`Maximum request body size ${limit} exceeded, actual body size ${size}`);
  }
}

/** @throws TooLarge */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limit) throw new TooLarge(limit, declared);
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > limit) throw new TooLarge(limit, size);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
