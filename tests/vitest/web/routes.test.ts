import { describe, expect, test } from 'vitest';
import { createRouter, type RouteEntry } from '../../../web/server/routes.ts';

const entry = (pattern: string): RouteEntry => ({ pattern, methods: {} });
const find = createRouter(
  ['/api/status', '/api/logs/{id}', '/api/logs/{id}/search', '/api/comfy/status', '/api/comfy/{path...}'].map(
    entry,
  ),
);

describe('a route', () => {
  test.each([
    ['/api/status', '/api/status', {}],
    ['/api/logs/comfy', '/api/logs/{id}', { id: 'comfy' }],
    ['/api/logs/comfy/search', '/api/logs/{id}/search', { id: 'comfy' }],
    ['/api/comfy/status', '/api/comfy/status', {}],
    ['/api/comfy/view/a', '/api/comfy/{path...}', { path: 'view/a' }],
    ['/api/comfy/', '/api/comfy/{path...}', { path: '' }],
  ])('%s is found as %s', (path, pattern, params) => {
    const found = find(path);
    expect(found?.entry.pattern).toBe(pattern);
    expect({ ...found?.params }).toEqual(params);
  });

  test.each([
    '/api/logs',
    '/api/logs/',
    '/api/logs/a/b',
    '/api/statusx',
    '/API/status',
    '/',
    '__proto__',
    '/api/xlogs/a',
  ])('%s is none', (path) => {
    expect(find(path)).toBeNull();
  });
});
