import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { apiRoutes } from '../../../core/contract/api/index.ts';
import { ask, startTestPanel } from './panelUnderTest.ts';

const count = 10_000;
const seed = 20_261_127;

interface Shot {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const segment = fc.oneof(
  fc.constantFrom(
    'panel',
    'comfyui',
    'comfy',
    'guardian',
    'stop',
    'start',
    'queue',
    'prompt',
    'view',
    '..',
    '.',
    '',
  ),
  fc.webSegment(),
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => encodeURIComponent(text.toWellFormed())),
);
/** Patterns with their names filled in, and addresses out of thin air. */
const path = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...apiRoutes.map((route) => route.path)),
      fc.array(segment, { minLength: 3, maxLength: 3 }),
    )
    .map(([pattern, [a = '', b = '', c = '']]) =>
      pattern
        .replace(/\{\w+\.{3}\}/, `${a}/${b}`)
        .replace(/\{\w+\}/, a)
        .replace(/\{\w+\}/, c),
    ),
  fc.array(segment, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`),
);
const query = fc.oneof(
  fc.constant(''),
  fc
    .dictionary(
      fc.constantFrom(
        'span',
        'parts',
        'limit',
        'service',
        'with',
        'logs',
        'tail',
        'after',
        'pattern',
        'clientId',
        'stream',
        'x',
      ),
      fc.string({ unit: 'binary', maxLength: 30 }),
      { maxKeys: 3 },
    )
    .map(
      (entries) =>
        `?${new URLSearchParams(Object.entries(entries).map(([key, value]) => [key, value.toWellFormed()]))}`,
    ),
);
const printable = fc.stringMatching(/^[ -~]{0,40}$/);
const shot: fc.Arbitrary<Shot> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'GET', 'HEAD', 'POST', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
  path: fc.tuple(path, query).map(([at, asked]) => at + asked),
  headers: fc.dictionary(
    fc.constantFrom(
      'accept',
      'accept-language',
      'authorization',
      'content-type',
      'cookie',
      'if-none-match',
      'origin',
      'range',
      'sec-fetch-site',
      'last-event-id',
      'x-forwarded-for',
    ),
    printable,
    { maxKeys: 3 },
  ),
  body: fc.oneof(fc.constant(''), fc.json({ maxDepth: 3 }), fc.string({ unit: 'binary', maxLength: 200 })),
});

test(`${count} requests at random: no error of our own, no crash`, async () => {
  const { port } = await startTestPanel();
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  onTestFinished(() => agent.destroy());
  const statuses = new Map<number, number>();
  const faults: string[] = [];

  const fire = ({ method, path: target, headers, body }: Shot) =>
    new Promise<void>((resolve) => {
      const outgoing = request(
        {
          agent,
          host: '127.0.0.1',
          port,
          method,
          path: target,
          headers: { host: `localhost:${port}`, ...headers },
        },
        (response) => {
          const status = response.statusCode ?? 0;
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          // 502 and 503 are a ComfyUI that is not there.
          if (status >= 500 && status !== 502 && status !== 503) faults.push(`${status} ${method} ${target}`);
          // A stream would never end by itself.
          if (String(response.headers['content-type']).startsWith('text/event-stream')) outgoing.destroy();
          response.resume();
          response.once('close', resolve);
        },
      );
      outgoing.once('error', () => resolve());
      outgoing.end(method === 'GET' || method === 'HEAD' ? undefined : body);
    });

  const shots = fc.sample(shot, { numRuns: count, seed });
  for (let at = 0; at < shots.length; at += 100) await Promise.all(shots.slice(at, at + 100).map(fire));
  expect(faults, `seed ${seed}`).toEqual([]);
  const answered = [...statuses.values()].reduce((sum, each) => sum + each, 0);
  expect(answered).toBeGreaterThan(count * 0.95);
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 403, 404, 405]));
  expect((await ask(port, '/api/health')).status).toBe(200);
}, 90_000);
