import { once } from 'node:events';
import type { z } from 'zod';
import { OrchestratorError } from '../../../core/contract/errors.ts';
import type { SearchLine, searchQuerySchema } from '../../../core/contract/logs.ts';
import { SearchStalled, search } from '../../../core/logs/search.ts';
import type { LogSource } from '../../../core/logs/searchLog.ts';
import type { Exchange } from '../context.ts';
import { toProblem } from '../problem.ts';

export type SearchQuery = z.infer<typeof searchQuerySchema>;

export interface Searches {
  /** Answers with the matches line by line. Throws ORC4005, ORC4021, ORC4022. */
  run(options: { exchange: Exchange; sources: readonly LogSource[]; query: SearchQuery }): Promise<void>;
  close(): void;
}

/** Each search has a thread of its own, so there are only so many. */
export function createSearches({
  secrets,
  most = 2,
  stallMs = 5000,
}: {
  /** Texts that never show. */
  secrets: () => readonly string[];
  most?: number;
  stallMs?: number;
}): Searches {
  const running = new Set<AbortController>();

  return {
    async run({ exchange, sources, query: { pattern, caseSensitive, level = null, limit } }) {
      checkPattern(pattern);
      if (exchange.request.method === 'HEAD') {
        begin(exchange);
        exchange.response.end();
        return;
      }
      if (running.size >= most) throw new OrchestratorError('ORC4021', { limit: most });
      const control = new AbortController();
      running.add(control);
      exchange.response.once('close', () => control.abort());
      try {
        const query = { pattern, caseSensitive: caseSensitive === 'true', level };
        const lines = search({ sources, query, limit, secrets: secrets(), stallMs, signal: control.signal });
        await answer({ exchange, lines, signal: control.signal, stallMs });
      } finally {
        running.delete(control);
      }
    },
    close() {
      for (const control of running) control.abort();
    },
  };
}

function checkPattern(pattern: string): void {
  try {
    new RegExp(pattern);
  } catch (error) {
    throw new OrchestratorError('ORC4005', { detail: (error as Error).message });
  }
}

async function answer({
  exchange,
  lines,
  signal,
  stallMs,
}: {
  exchange: Exchange;
  lines: AsyncGenerator<SearchLine>;
  signal: AbortSignal;
  stallMs: number;
}): Promise<void> {
  const { response, id: requestId, language } = exchange;
  let matches = 0;
  try {
    for await (const line of lines) {
      if (line.kind === 'match') matches += 1;
      if (!response.headersSent) begin(exchange);
      if (!response.write(`${JSON.stringify(line)}\n`)) await once(response, 'drain', { signal });
    }
  } catch (error) {
    if (signal.aborted) return;
    const fault =
      error instanceof SearchStalled
        ? new OrchestratorError('ORC4022', { seconds: Math.round(stallMs / 1000) })
        : error;
    if (!response.headersSent) throw fault;
    const { code, title } = toProblem({ error: fault, requestId, language });
    response.write(`${JSON.stringify({ kind: 'end', matches, truncated: true, fault: { code, title } })}\n`);
  }
  response.end();
}

function begin({ response }: Exchange): void {
  response.writeHead(200, {
    'Content-Type': 'application/x-ndjson; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
}
