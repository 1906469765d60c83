import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostRequestSchema, hostSpecSchema } from '../../../core/contract/hostProtocol.ts';
import { rotatedAt, rotatedName } from '../../../core/logs/rotatedName.ts';
import { programEnvironment } from '../../../guardian/host/environment.ts';
import { parseStat } from '../../../guardian/host/procfs.ts';
import { createNamer, selectForPruning } from '../../../guardian/host/rotation.ts';
import { hostSocketPath } from '../../../guardian/host/socketPath.ts';
import { parseRequest, parseSpecArgument } from '../../../guardian/host/wire.ts';
import { encode } from './hostRig.ts';

const live = fc.constantFrom(
  'panel-stdout.log',
  'журнал.log',
  'a.b.c',
  'no-extension',
  'x(1)+[2].log',
  '.log',
);
/** Years 1970 to 9999, which is what a name can say. */
const instant = fc.integer({ min: 0, max: 253_402_300_799_000 });

describe('names of rotated files', () => {
  it('read as designed', () => {
    const at = Date.parse('2026-11-25T04:30:00.123Z');
    expect(rotatedName('/logs/panel-stdout.log', at)).toBe('panel-stdout-20261125T043000.123.log');
  });

  it('give back their instant, and to their own live file only', () => {
    fc.assert(
      fc.property(live, live, instant, (one, other, at) => {
        expect(rotatedAt(one, rotatedName(one, at))).toBe(at);
        if (one !== other) expect(rotatedAt(other, rotatedName(one, at))).toBeNull();
      }),
    );
  });

  it('are never taken from a name that only looks similar', () => {
    const stamp = fc.stringMatching(/^[0-9T.]{15,22}$/);
    fc.assert(
      fc.property(live, stamp, fc.constantFrom('', '.bak', 'x'), (file, middle, tail) => {
        const candidate = `${file.replace(/\.[^.]*$/, '')}-${middle}${tail}`;
        const at = rotatedAt(file, candidate);
        expect(at === null || rotatedName(file, at) === candidate).toBe(true);
      }),
    );
    expect(rotatedAt('a.log', 'a-20261332T043000.123.log')).toBeNull();
    expect(rotatedAt('a.log', 'a.log')).toBeNull();
  });

  it('are unique and in order, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 }), (clock) => {
        const name = createNamer('a.log');
        const names = clock.map((ms) => name(1_700_000_000_000 + ms));
        expect(new Set(names).size).toBe(names.length);
        expect(names.toSorted()).toEqual(names);
      }),
    );
  });
});

describe('which files are pruned', () => {
  const day = 86_400_000;
  const now = 2_000_000_000_000;
  const file = fc.record({
    name: fc.oneof(
      fc.integer({ min: now - 40 * day, max: now }).map((at) => rotatedName('a.log', at)),
      fc.constantFrom('a.log', 'b-20200101T000000.000.log', 'a-notes.log', 'a-20200101T000000.000.log.bak'),
    ),
    bytes: fc.integer({ min: 0, max: 5000 }),
  });
  const folder = fc.uniqueArray(file, { selector: ({ name }) => name, maxLength: 40 });

  it('only old ones of this stream; the rest fits; no kept file is older than a pruned one', () => {
    fc.assert(
      fc.property(
        folder,
        fc.integer({ min: 0, max: 40_000 }),
        fc.integer({ min: 1, max: 30 }),
        (files, keepBytes, keepDays) => {
          const pruned = new Set(selectForPruning({ live: 'a.log', files, keepBytes, keepDays, now }));
          for (const name of pruned) expect(rotatedAt('a.log', name)).not.toBeNull();
          const own = files.flatMap((one) => {
            const at = rotatedAt('a.log', one.name);
            return at === null ? [] : [{ ...one, at }];
          });
          const kept = own.filter(({ name }) => !pruned.has(name));
          expect(kept.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(keepBytes);
          expect(kept.every(({ at }) => at >= now - keepDays * day)).toBe(true);
          const newestPruned = Math.max(...own.filter(({ name }) => pruned.has(name)).map(({ at }) => at));
          expect(kept.every(({ at }) => at >= newestPruned)).toBe(true);
          // Nothing goes needlessly: with the newest pruned one the rest would be too large or too old.
          const first = own.find(({ at, name }) => at === newestPruned && pruned.has(name));
          if (first !== undefined && first.at >= now - keepDays * day) {
            expect(kept.reduce((sum, { bytes }) => sum + bytes, first.bytes)).toBeGreaterThan(keepBytes);
          }
        },
      ),
    );
  });
});

describe('requests read by hand', () => {
  const text = fc.string({ maxLength: 8 });
  const spec = fc.record({
    id: text,
    dataDir: text,
    command: fc.record({ file: text, args: fc.array(text, { maxLength: 3 }) }),
    cwd: text,
    env: fc.dictionary(text, text, { maxKeys: 3 }),
    stdout: text,
    stderr: text,
    rotateBytes: fc.integer(),
    keepBytes: fc.maxSafeInteger(),
    keepDays: fc.integer(),
    stopTimeoutMs: fc.integer(),
    restart: fc.boolean(),
  });
  const request = fc.oneof(
    fc.record({ verb: fc.constant('start'), spec }, { requiredKeys: ['verb'] }),
    fc.record({ verb: fc.constant('stop'), timeoutMs: fc.nat(), release: fc.boolean() }),
    fc.constant({ verb: 'query' }),
  );
  /** Changes one place, anywhere in the value. */
  const broken = (base: fc.Arbitrary<unknown>) =>
    fc
      .tuple(base, fc.nat(), fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constant(undefined)), fc.boolean())
      .map(([value, place, other, add]) => {
        const copy = structuredClone(value);
        const spots: [Record<string, unknown>, string][] = [];
        const walk = (node: unknown) => {
          if (typeof node !== 'object' || node === null) return;
          for (const key of Object.keys(node)) {
            spots.push([node as Record<string, unknown>, key]);
            walk((node as Record<string, unknown>)[key]);
          }
        };
        walk(copy);
        const [node, key] = spots[place % spots.length] ?? [{}, 'x'];
        node[add && !Array.isArray(node) ? `${key}_` : key] = other;
        return copy;
      });

  it('are judged as the contract judges them', () => {
    fc.assert(
      fc.property(fc.oneof(request, broken(request), fc.jsonValue()), (value) => {
        const line = JSON.stringify(value) ?? 'null';
        expect(parseRequest(line).ok).toBe(hostRequestSchema.safeParse(JSON.parse(line)).success);
      }),
      { numRuns: 1000 },
    );
  });

  it('and so is the argument of a host', () => {
    fc.assert(
      fc.property(fc.oneof(spec, broken(spec), fc.jsonValue()), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value) ?? 'null');
        const parsed = parseSpecArgument(encode(plain));
        expect(parsed.ok).toBe(hostSpecSchema.safeParse(plain).success);
        if (parsed.ok) expect(parsed.value).toEqual(plain);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('small rules', () => {
  it('a process is read rightly whatever it is called', () => {
    const rest = [
      'S',
      '11',
      '12',
      ...Array.from({ length: 16 }, (_, i) => String(100 + i)),
      '4711',
      '0',
    ].join(' ');
    fc.assert(
      fc.property(fc.string(), (name) => {
        const row = parseStat(7, `7 (${name}) ${rest}\n`);
        expect(row).toEqual({ pid: 7, state: 'S', parent: 11, group: 12, start: '4711' });
      }),
    );
  });

  it('on Windows an own variable replaces the inherited one of another case', () => {
    const inherited = { Path: 'a', port: '1', Npm_x: '2', Keep: '3' };
    expect(programEnvironment({ inherited, own: { PATH: 'b' }, platform: 'win32' })).toEqual({
      Keep: '3',
      PATH: 'b',
    });
    expect(programEnvironment({ inherited, own: { PATH: 'b' }, platform: 'linux' })).toEqual({
      Path: 'a',
      port: '1',
      Keep: '3',
      PATH: 'b',
    });
  });

  it('a socket has its place by folder and id, short however long the folder is', () => {
    const of = (dataDir: string, id: string) => hostSocketPath({ dataDir, id });
    expect(of('/x/y', 'a')).toBe(of('/x/y/', 'a'));
    expect(of('/x/y', 'a')).not.toBe(of('/x/y', 'b'));
    expect(of('/x/y', 'a')).not.toBe(of('/x/z', 'a'));
    expect(Buffer.byteLength(of(`/${'длинный/'.repeat(200)}`, 'a'))).toBeLessThan(100);
    expect(hostSocketPath({ dataDir: '/x', id: 'a', platform: 'win32' })).toMatch(
      /^\\\\\.\\pipe\\orchestrator-[0-9a-f]{24}$/,
    );
  });
});
