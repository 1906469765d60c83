import { describe, expect, test } from 'vitest';
import { apiRoutes } from '../../../core/contract/api/index.ts';
import { writeState } from '../../../core/state/files.ts';
import { judgeAnswer } from './answers.ts';
import { ask, startTestPanel } from './panelUnderTest.ts';
import { incidentFile } from './stateFolder.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { name: string; in: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

describe('the contract of the API', () => {
  test('names the routes that the panel has, no more and no fewer, with their methods', async () => {
    const { panel } = await startTestPanel();
    const own = panel.routes.filter(({ pattern }) => pattern.startsWith('/api/'));
    expect([...new Set(own.map(({ pattern }) => pattern))].sort()).toEqual(
      [...new Set(apiRoutes.map(({ path }) => path))].sort(),
    );
    for (const { pattern, methods } of own) {
      if (methods === 'astro') continue;
      const known = apiRoutes.filter(({ path }) => path === pattern).map(({ method }) => method);
      expect(Object.keys(methods).sort(), pattern).toEqual(known.sort());
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
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, at]) => at ?? '',
    );
    for (const at of new Set(references.filter((each) => each.startsWith('components/')))) {
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
    expect(() => judgeAnswer({ ...base, path: '/api/metrics', text: '' })).toThrow(/type/);
    expect(() =>
      judgeAnswer({ ...base, path: '/x', status: 404, type: 'application/problem+json', text: '{}' }),
    ).toThrow(/contract/);
  });
});
