import type { LogMatch, SearchLine } from '../../../core/contract/logs.ts';
import { type Fault, faultOf } from '../api.ts';

export interface SearchQuery {
  /** Id of the service. */
  readonly log: string;
  readonly pattern: string;
  readonly caseSensitive: boolean;
  readonly limit: number;
}

export interface SearchEnd {
  readonly matches: number;
  /** There are more than the limit. */
  readonly truncated: boolean;
}

/**
 * Searches through the history of a log, the newest first. Rejects with an AbortError when `signal` says so, and with
 * a Fault when the panel refuses.
 */
export async function searchLog(
  { log, pattern, caseSensitive, limit }: SearchQuery,
  {
    signal,
    found,
    progress,
  }: {
    signal?: AbortSignal;
    found: (match: LogMatch) => void;
    /** Share of the bytes searched, 0 to 1. */
    progress?: (share: number) => void;
  },
): Promise<SearchEnd> {
  const query = new URLSearchParams({ pattern, caseSensitive: String(caseSensitive), limit: String(limit) });
  const response = await fetch(`/api/logs/${log}/search?${query}`, {
    headers: { 'accept-language': document.documentElement.lang },
    ...(signal && { signal }),
  });
  if (!response.ok || !response.body) throw faultOf(await response.json()) satisfies Fault;
  let rest = '';
  let end: SearchEnd = { matches: 0, truncated: false };
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return end;
    const parts = (rest + value).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (part === '') continue;
      const line = JSON.parse(part) as SearchLine;
      if (line.kind === 'match') found(line);
      else if (line.kind === 'progress')
        progress?.(line.totalBytes > 0 ? line.scannedBytes / line.totalBytes : 1);
      else end = line;
    }
  }
}
