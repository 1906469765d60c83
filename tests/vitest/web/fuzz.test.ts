import { Agent, request } from 'node:http';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { apiRoutes } from '../../../core/contract/api/index.ts';
import { allowedCalls } from '../../../web/server/comfy/allowList.ts';
import { ask, startTestPanel } from './panelUnderTest.ts';

const count = 10_000;
/** So many of them at a panel with tokens. */
const guarded = 2500;
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
      fc.option(fc.constantFrom(...allowedCalls.map((call) => call.pattern))),
    )
    .map(([pattern, [a = '', b = '', c = ''], passed]) =>
      pattern
        .replace(/\{\w+\.{3}\}/, passed ?? `${a}/${b}`)
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

const tokens = { ORCHESTRATOR_TOKEN: 'token-of-an-operator', ORCHESTRATOR_READ_TOKEN: 'token-of-a-reader' };
/** Of a panel with tokens: somebody known, or nobody. Wrong ones would soon have everything refused. */
const who = fc.constantFrom(tokens.ORCHESTRATOR_TOKEN, tokens.ORCHESTRATOR_READ_TOKEN, null);
const known = fc.tuple(shot, who).map(([each, token]): Shot => {
  const { authorization: _, cookie: __, ...headers } = each.headers;
  return { ...each, headers: token === null ? headers : { ...headers, authorization: `Bearer ${token}` } };
});

interface Outcome {
  readonly statuses: Map<number, number>;
  readonly faults: string[];
}

async function fire(port: number, shots: readonly Shot[]): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  onTestFinished(() => agent.destroy());
  const statuses = new Map<number, number>();
  const faults: string[] = [];

  const send = ({ method, path: target, headers, body }: Shot) =>
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

  for (let at = 0; at < shots.length; at += 100) await Promise.all(shots.slice(at, at + 100).map(send));
  return { statuses, faults };
}

const sum = (values: Iterable<number>) => [...values].reduce((all, each) => all + each, 0);

/** What came, for whoever reads the report; the seed brings it back. */
function tell(what: string, { statuses }: Outcome): void {
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${status}: ${times}`);
  console.log(`${what}, seed ${seed}: ${counts.join(', ')}`);
}

test(`${count} requests at random: no error of our own, no crash`, async () => {
  const { panel, port } = await startTestPanel();
  const outcome = await fire(port, fc.sample(shot, { numRuns: count - guarded, seed }));
  tell('a panel without tokens', outcome);
  expect(outcome.faults, `seed ${seed}`).toEqual([]);
  expect(sum(outcome.statuses.values())).toBeGreaterThan((count - guarded) * 0.95);
  expect([...outcome.statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 403, 404, 405, 502]));
  // Every route was reached: the panel itself counted them.
  const { text } = await ask(port, '/api/metrics');
  const reached = new Set([...text.matchAll(/requests_total\{.*route="([^"]+)"/g)].map(([, route]) => route));
  for (const { pattern } of panel.routes) expect(reached, pattern).toContain(pattern);
}, 60_000);

test(`${guarded} of them at a panel with tokens: nobody acts who may not`, async () => {
  const { port, calls } = await startTestPanel({ env: tokens });
  const shots = fc.sample(known, { numRuns: guarded, seed });
  const outcome = await fire(
    port,
    shots.filter(({ headers }) => headers['authorization'] !== `Bearer ${tokens.ORCHESTRATOR_TOKEN}`),
  );
  tell('readers and nobody', outcome);
  expect(outcome.faults, `seed ${seed}`).toEqual([]);
  expect(calls).toEqual([]);
  expect([...outcome.statuses.keys()]).toEqual(expect.arrayContaining([200, 401, 403]));
  const operators = await fire(
    port,
    shots.filter(({ headers }) => headers['authorization'] === `Bearer ${tokens.ORCHESTRATOR_TOKEN}`),
  );
  tell('operators', operators);
  expect(operators.faults, `seed ${seed}`).toEqual([]);
  // The same requests do something in the right hands, so that the nothing above means something.
  expect(calls.length).toBeGreaterThan(0);
}, 60_000);
