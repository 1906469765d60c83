import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ApiRoute, apiRoutes } from '../../../core/contract/api/index.ts';
import { createLogger } from '../../../core/logger.ts';
import { sessionCookie } from '../../../web/server/auth.ts';
import { panelWithUpstream } from './comfyUnderTest.ts';
import { ask, type Reply } from './panelUnderTest.ts';

/** One of a kind each, so that a leak says where it came from. */
const secrets = {
  token: 'operator-8f14e45fceea167a',
  readToken: 'reader-c9f0f895fb98ab91',
  wrong: 'wrong-45c48cce2e2d7fbd',
  cookie: 'cookie-d3d9446802a44259',
  query: 'query-6512bd43d9caa6e0',
  body: 'body-c20ad4d76fe97759',
  key: 'key-c51ce410c124a10e',
};

/** A log in memory, of everything that is told. */
function listening() {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { lines, logger: createLogger({ name: 'panel', level: 'trace', destination }) };
}

const found = (text: string) =>
  Object.entries(secrets).flatMap(([name, value]) => (text.includes(value) ? [name] : []));

type Headers = Readonly<Record<string, string>>;

const bodies = [
  undefined,
  `{"wait":"${secrets.body}"}`,
  secrets.body,
  `token=${secrets.wrong}&next=//${secrets.body}`,
];
const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** One route with secrets wherever one can be put, and as `who` says. */
async function askWith(port: number, { method, path, example }: ApiRoute, who: Headers): Promise<Reply[]> {
  const target = path.replace(
    /\{(\w+)(?:\.{3})?\}/g,
    (_, name: string) => example?.params?.[name] ?? 'nothing',
  );
  const headers = {
    cookie: `${sessionCookie}=operator.99999999999999.${secrets.cookie}; other=${secrets.cookie}`,
    'x-api-key': secrets.key,
    referer: `http://localhost:${port}/?token=${secrets.query}`,
    ...(path === '/sign-in' && form),
    ...who,
  };
  const query = `token=${secrets.query}&span=${secrets.query}&limit=${secrets.query}`;
  const replies: Reply[] = [];
  for (const body of method === 'GET' ? [undefined] : bodies) {
    replies.push(
      await ask(port, `${target}?${query}`, {
        // A stream would not end.
        method: path.endsWith('/events') ? 'HEAD' : method,
        headers,
        ...(body !== undefined && { body }),
      }),
    );
  }
  return replies;
}

async function askEverywhere(port: number): Promise<Reply[]> {
  const signIn = apiRoutes.filter(({ path }) => path === '/sign-in');
  const others = apiRoutes.filter(({ path }) => path !== '/sign-in');
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const known = [
    bearer(secrets.token),
    bearer(secrets.readToken),
    {},
    { origin: `http://${secrets.key}.example` },
  ];
  // Wrong tokens come last: they block the right ones too.
  const rounds = [
    ...known.flatMap((who) => others.map((route) => ({ route, who }))),
    ...[...signIn, ...others].map((route) => ({ route, who: bearer(secrets.wrong) })),
  ];
  const replies: Reply[] = [];
  for (const { route, who } of rounds) replies.push(...(await askWith(port, route, who)));
  return replies;
}

test('neither problems nor logs nor the audit log hold a token, a cookie, a query or a body', async () => {
  const { lines, logger } = listening();
  const { panel, port, folder } = await panelWithUpstream(({ socket }) => void socket.destroy(), {
    env: { ORCHESTRATOR_TOKEN: secrets.token, ORCHESTRATOR_READ_TOKEN: secrets.readToken },
    logger,
    answer: () => {
      throw new Error('PowerShell is not there');
    },
  });
  const replies = await askEverywhere(port);
  for (const { text, status } of replies) if (status >= 400) expect(found(text), text).toEqual([]);
  for (const { headers } of replies) {
    const { 'set-cookie': _, ...rest } = headers;
    expect(found(JSON.stringify(rest)), JSON.stringify(rest)).toEqual([]);
  }
  await panel.close();
  const statuses = [...new Set(replies.map(({ status }) => status))];
  expect(statuses.sort()).toEqual(expectedStatuses);
  const log = lines.join('');
  expect(log).toContain('request failed');
  expect(log).toContain('request refused');
  expect(found(log)).toEqual([]);
  const kept = join(folder.dataDir, 'audit');
  const texts = await Promise.all((await readdir(kept)).map((name) => readFile(join(kept, name), 'utf8')));
  expect(texts.join('').length).toBeGreaterThan(1000);
  expect(found(texts.join(''))).toEqual([]);
}, 30_000);

/** Without some of these it would not have been in all the places where something is told. */
const expectedStatuses = [200, 303, 400, 401, 403, 404, 429, 500, 502];
