import type { LogMatch, LogStream } from '../contract/logs.ts';
import { type LineBlock, readBackward } from './backward.ts';
import { Chain } from './chain.ts';
import { cursorText } from './cursor.ts';
import { type Level, levels } from './level.ts';
import type { Mask } from './mask.ts';
import { readable } from './readable.ts';

export interface SearchQuery {
  readonly pattern: string;
  readonly caseSensitive: boolean;
  /** Only lines of this level or worse; a line that shows none counts as `info`. */
  readonly level: Level | null;
}

export interface LogSource {
  readonly stream: LogStream;
  /** The live file. */
  readonly path: string;
}

export interface SearchStep {
  readonly matches: readonly LogMatch[];
  readonly scannedBytes: number;
  readonly totalBytes: number;
}

interface Found {
  readonly match: LogMatch;
  readonly key: number;
}

/** One stream on its way back through time. */
interface Scan {
  readonly stream: LogStream;
  readonly chain: Chain;
  readonly blocks: AsyncGenerator<LineBlock>;
  /** Nothing newer than this is still to come. */
  frontier: number;
  /** Matches whose time, that of the line before them, stands in the block before. */
  untimed: LogMatch[];
}

/**
 * Searches through the whole history of a log, block by block, the newest matches first; those of two streams in one
 * order as far as their lines tell the time. `alive` is called now and then within a block.
 */
export async function* searchLog({
  sources,
  query,
  mask,
  alive,
}: {
  sources: readonly LogSource[];
  query: SearchQuery;
  mask: Mask;
  alive: () => void;
}): AsyncGenerator<SearchStep> {
  const scans = await Promise.all(sources.map((source) => openScan(source, mask)));
  try {
    const totalBytes = (await Promise.all(scans.map(({ chain }) => sizeOf(chain)))).reduce(
      (a, b) => a + b,
      0,
    );
    const wanted = matcher(query);
    const running = new Set(scans);
    let scannedBytes = 0;
    let waiting: Found[] = [];
    for (;;) {
      const scan = newest(running);
      if (!scan) break;
      const { value: block } = await scan.blocks.next();
      if (block) {
        waiting.push(...searchBlock({ block, scan, wanted, alive }));
        scannedBytes += block.bytes;
      } else {
        waiting.push(...timed(scan, scan.untimed, scan.frontier));
        running.delete(scan);
      }
      const limit = newest(running)?.frontier ?? Number.NEGATIVE_INFINITY;
      const ready = waiting.filter(({ key }) => key >= limit).sort((a, b) => b.key - a.key);
      waiting = waiting.filter(({ key }) => key < limit);
      yield {
        matches: ready.map(({ match }) => match),
        scannedBytes: Math.min(scannedBytes, totalBytes),
        totalBytes,
      };
    }
  } finally {
    await Promise.all(scans.map(({ chain }) => chain.close()));
  }
}

async function openScan({ stream, path }: LogSource, mask: Mask): Promise<Scan> {
  const chain = await Chain.open(path);
  return {
    stream,
    chain,
    blocks: readBackward({ chain, mask }),
    frontier: Number.POSITIVE_INFINITY,
    untimed: [],
  };
}

function newest(scans: ReadonlySet<Scan>): Scan | null {
  let found: Scan | null = null;
  for (const scan of scans) if (!found || scan.frontier > found.frontier) found = scan;
  return found;
}

async function sizeOf(chain: Chain): Promise<number> {
  let total = 0;
  for (let index = 0; index < chain.length; index += 1) {
    total += (await (await chain.at(index))?.handle.stat())?.size ?? 0;
  }
  return total;
}

function matcher({ pattern, caseSensitive, level }: SearchQuery): (line: string) => boolean {
  const shape = new RegExp(pattern, caseSensitive ? '' : 'i');
  const least = level === null ? -1 : levels.indexOf(level);
  return (line) => shape.test(line) && (least < 0 || levels.indexOf(readable(line).level ?? 'info') >= least);
}

/** The matches that have a time by now, the newest first. A line without one has that of the line before it. */
function searchBlock({
  block: { lines, placeOf },
  scan,
  wanted,
  alive,
}: {
  block: LineBlock;
  scan: Scan;
  wanted: (line: string) => boolean;
  alive: () => void;
}): Found[] {
  const { stream } = scan;
  const hits: number[] = [];
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    if ((index & 63) === 0) alive();
    if (wanted(lines[index] ?? '')) hits.push(index);
  }
  const timeOf = (from: number) => {
    for (let at = from; at >= 0 && at > from - 100; at -= 1) {
      const { time } = readable(lines[at] ?? '');
      if (time !== null) return time;
    }
    return null;
  };
  const found: Found[] = [];
  const last = timeOf(lines.length - 1);
  // A log that tells no times is in the order of its lines.
  found.push(...timed(scan, scan.untimed.splice(0), last ?? scan.frontier));
  for (const index of hits) {
    const text = lines[index] ?? '';
    const { name, ...place } = placeOf(index);
    const cursor = cursorText({ [stream]: { place, line: true } });
    const match: LogMatch = { kind: 'match', stream, file: name, text, at: readable(text).time, cursor };
    const time = timeOf(index);
    if (time === null) scan.untimed.push(match);
    else found.push(...timed(scan, [match], time));
  }
  return found;
}

/** Gives matches of a scan their time: never later than what came before them, whatever the lines say. */
function timed(scan: Scan, matches: readonly LogMatch[], time: number): Found[] {
  scan.frontier = Math.min(scan.frontier, time);
  return matches.map((match) => ({ match, key: scan.frontier }));
}
