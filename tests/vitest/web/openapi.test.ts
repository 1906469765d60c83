import { describe, expect, test } from 'vitest';
import { apiRoutes } from '../../../core/contract/api/index.ts';
import { comfyEvents, panelEvents } from '../../../core/contract/events.ts';
import { writeState } from '../../../core/state/files.ts';
import { passedTypes } from '../../../web/server/comfy/frames.ts';
import { faultOfEvent, judgeAnswer } from './answers.ts';
import { ask, startTestPanel } from './panelUnderTest.ts';
import { incidentFile } from './stateFolder.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { name: string; in: string; required: boolean }[];
  readonly responses: Readonly<Record<string, { content: Readonly<Record<string, unknown>> }>>;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('the contract of the API', () => {
  test('names the routes that the panel has, no more and no fewer, with their methods', async () => {
    const { panel, port } = await startTestPanel();
    const patterns = (of: readonly string[]) => [...new Set(of)].sort();
    expect(patterns(panel.routes.map(({ pattern }) => pattern))).toEqual(
      patterns(apiRoutes.map(({ path }) => path)),
    );
    for (const { pattern, methods } of panel.routes) {
      const known = apiRoutes.filter(({ path }) => path === pattern).map(({ method }) => method as string);
      const told = methods === 'astro' ? await methodsOf(port, pattern) : Object.keys(methods);
      expect(told.sort(), pattern).toEqual(known.sort());
    }
  });

  test('names who may call each route as the panel judges it', async () => {
    const tokens = {
      ORCHESTRATOR_TOKEN: 'token-of-an-operator',
      ORCHESTRATOR_READ_TOKEN: 'token-of-a-reader',
    };
    const { port, calls } = await startTestPanel({ env: tokens });
    for (const { method, path, role, example } of apiRoutes) {
      const target = path.replace(
        /\{(\w+)(?:\.{3})?\}/g,
        (_, name: string) => example?.params?.[name] ?? 'nothing',
      );
      // Only the head: a stream would not end.
      const asked = { method: method === 'GET' ? 'HEAD' : method };
      const nobody = await ask(port, target, asked);
      const reader = await ask(port, target, { ...asked, headers: bearer(tokens.ORCHESTRATOR_READ_TOKEN) });
      const what = `${method} ${path}`;
      expect(nobody.status === 401, `${what} for nobody: ${nobody.status}`).toBe(role !== 'anyone');
      expect(reader.status === 403, `${what} for a reader: ${reader.status}`).toBe(role === 'operator');
      expect(reader.status, what).not.toBe(401);
    }
    expect(calls).toEqual([]);
  });

  test('has examples that its own schemas take', () => {
    const examples = apiRoutes.filter(({ example }) => example);
    expect(examples.length).toBeGreaterThan(8);
    for (const { path, params = {}, query, body, example = {} } of examples) {
      expect(Object.keys(params), path).toEqual(expect.arrayContaining(Object.keys(example.params ?? {})));
      if (example.query) expect(query?.safeParse(example.query).success, path).toBe(true);
      if (example.body && body?.schema) expect(body.schema.safeParse(example.body).success, path).toBe(true);
    }
  });

  test('is OpenAPI: every operation has an id of its own, its path parameters and its answers', async () => {
    const { port } = await startTestPanel();
    const document = (await ask(port, '/api/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
      ([path, methods]) => Object.values(methods).map((operation) => ({ path, operation })),
    );
    expect(operations.length).toBe(apiRoutes.length);
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
    for (const { path, operation } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const told = operation.parameters
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => name);
      expect(told, path).toEqual(named);
      expect(Object.keys(operation.responses), path).toContain('default');
      expect(Object.keys(operation.responses).length, path).toBeGreaterThan(1);
    }
    const search = document.paths['/api/logs/{id}/search'].get as Operation;
    expect(search.parameters.filter(({ required }) => required).map(({ name }) => name)).toEqual([
      'id',
      'pattern',
    ]);
    const events = document.paths['/api/events'].get.responses[200].content['text/event-stream']['x-events'];
    expect(Object.keys(events)).toEqual(Object.keys(panelEvents));
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, at]) => at ?? '',
    );
    for (const at of new Set(references)) {
      const found = at
        .split('/')
        .reduce<unknown>((place, key) => (place as Record<string, unknown>)?.[key], document);
      expect(found, at).toBeDefined();
    }
  });

  test('is kept by every route that answers with JSON', async () => {
    const { port, folder } = await startTestPanel();
    await writeState(folder.paths.incident('i-1'), incidentFile({ id: 'i-1' }));
    const params: Readonly<Record<string, string>> = { id: 'comfyui', incident: 'i-1' };
    const asked: string[] = [];
    for (const { method, path, answers } of apiRoutes) {
      if (method !== 'GET' || answers[200]?.schema === undefined) continue;
      const target = path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '');
      expect((await ask(port, target)).status, target).toBe(200);
      asked.push(path);
    }
    expect(asked.length).toBeGreaterThanOrEqual(13);
  });

  test('is what answers in tests are held to', () => {
    const base = { method: 'GET', status: 200, type: 'application/json' };
    expect(() => judgeAnswer({ ...base, path: '/api/health', text: '{"status":"ok"}' })).not.toThrow();
    expect(() => judgeAnswer({ ...base, path: '/api/health', text: '{"status":"fine"}' })).toThrow(
      /contract/,
    );
    expect(() => judgeAnswer({ ...base, path: '/api/health', status: 201, text: '{}' })).toThrow(/status/);
    expect(() => judgeAnswer({ ...base, path: '/api/health', text: '{"status":"ok","more":1}' })).toThrow(
      /not in the contract/,
    );
    expect(() => judgeAnswer({ ...base, path: '/api/metrics', text: '' })).toThrow(/type/);
    expect(() => judgeAnswer({ ...base, path: '/api/health', type: 'text/html', text: '' })).toThrow(/type/);
    expect(() => judgeAnswer({ ...base, path: '/api/unheard', text: '{}' })).toThrow(/route/);
    expect(() => judgeAnswer({ ...base, method: 'HEAD', path: '/api/health', text: '' })).not.toThrow();
    expect(() =>
      judgeAnswer({ ...base, path: '/x', status: 404, type: 'application/problem+json', text: '{}' }),
    ).toThrow(/contract/);
  });

  test('is what events in tests are held to', () => {
    const path = '/api/events?with=host';
    expect(faultOfEvent({ path, name: 'ping', data: { at: '2026-01-31T00:00:00Z' } })).toBeNull();
    expect(faultOfEvent({ path, name: 'ping', data: {} })).toContain('against its contract');
    expect(faultOfEvent({ path, name: 'bye', data: { more: 1 } })).toContain('against its contract');
    expect(faultOfEvent({ path, name: 'gossip', data: {} })).toContain('no event "gossip"');
    expect(faultOfEvent({ path: '/api/status', name: 'ping', data: {} })).toContain('no events at');
  });

  test('names every message of ComfyUI that the panel passes on', () => {
    const own = ['ready', 'preview', 'disconnected', 'ping', 'bye'];
    expect(Object.keys(comfyEvents).sort()).toEqual([...passedTypes, ...own].sort());
  });
});

/** What an endpoint of Astro takes, by its refusal of something else. */
async function methodsOf(port: number, pattern: string): Promise<string[]> {
  const target = pattern.replace('{id}', 'comfyui').replace('{action}', 'stop');
  const { status, headers } = await ask(port, target, { method: 'PUT' });
  expect(status, pattern).toBe(405);
  return String(headers.allow)
    .split(', ')
    .filter((method) => method !== 'HEAD');
}
