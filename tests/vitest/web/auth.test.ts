import { describe, expect, test } from 'vitest';
import { createAuth, sessionMs } from '../../../web/server/auth.ts';
import { localPath } from '../../../web/server/signIn.ts';
import { ask, startTestPanel } from './panelUnderTest.ts';

const tokens = { token: 'operator-token', readToken: 'reader-token' };
const env = { ORCHESTRATOR_TOKEN: tokens.token, ORCHESTRATOR_READ_TOKEN: tokens.readToken };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('tokens and sessions', () => {
  test('a token gives its role, anything else none', () => {
    const auth = createAuth(tokens);
    expect(auth.roleOf(bearer('operator-token'))).toBe('operator');
    expect(auth.roleOf(bearer('reader-token'))).toBe('reader');
    for (const wrong of ['', 'operator-toke', 'operator-token ', 'Operator-token', 'x'.repeat(10_000)]) {
      expect(auth.roleOfToken(wrong), wrong.slice(0, 20)).toBeNull();
    }
    expect(auth.roleOf({ authorization: 'Basic b3BlcmF0b3ItdG9rZW4=' })).toBeNull();
    expect(auth.roleOf({})).toBeNull();
  });

  test('without tokens everybody is an operator', () => {
    const auth = createAuth({ token: null, readToken: null });
    expect(auth.required).toBe(false);
    expect(auth.roleOf({})).toBe('operator');
  });

  test('a session ends with its time, with its token, and with any change to it', () => {
    let now = 1_000;
    const auth = createAuth({ ...tokens, clock: () => now });
    const session = auth.session('reader');
    expect(session).not.toContain('reader-token');
    expect(auth.roleOf({ session })).toBe('reader');
    expect(auth.roleOf({ session: session.replace('reader', 'operator') })).toBeNull();
    expect(auth.roleOf({ session: session.replace(/\d+/, (text) => `${Number(text) + 1}`) })).toBeNull();
    expect(auth.roleOf({ session: `${session}.x` })).toBeNull();
    expect(auth.roleOf({ session: 'reader.NaN.x' })).toBeNull();
    expect(createAuth({ token: 'operator-token', readToken: 'new' }).roleOf({ session })).toBeNull();
    now += sessionMs;
    expect(auth.roleOf({ session })).toBeNull();
  });
});

describe('a panel with tokens', () => {
  test('answers health and the sign-in page to everybody, and nothing else', async () => {
    const { port } = await startTestPanel({ env });
    expect((await ask(port, '/api/health')).status).toBe(200);
    expect((await ask(port, '/sign-in')).status).toBe(200);
    expect((await ask(port, '/theme.js')).status).toBe(200);
    for (const path of [
      '/',
      '/api/status',
      '/api/events',
      '/api/system/comfy/status',
      '/en/',
      '/nothing',
      '/index.html',
    ]) {
      const reply = await ask(port, path);
      expect(reply.status, path).toBe(401);
      expect(reply.headers['www-authenticate'], path).toMatch(/^Bearer/);
      expect(reply.json()).toMatchObject({ code: 'ORC4006' });
    }
    const page = await ask(port, '/diagnostics', { headers: { accept: 'text/html' } });
    expect(page.status).toBe(303);
    expect(page.headers.location).toBe('/sign-in?next=%2Fdiagnostics');
  });

  test('lets a reader look and not act', async () => {
    const { port, calls } = await startTestPanel({ env });
    const headers = bearer(tokens.readToken);
    expect((await ask(port, '/api/status', { headers })).status).toBe(200);
    const reply = await ask(port, '/api/system/comfyui/stop', { method: 'POST', headers });
    expect(reply.status).toBe(403);
    expect(reply.json()).toMatchObject({ code: 'ORC4009' });
    expect(calls).toEqual([]);
  });

  test('trades the token of the form for a cookie that scripts cannot read', async () => {
    const { port } = await startTestPanel({ env });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const good = await ask(port, '/sign-in', {
      method: 'POST',
      headers: form,
      body: 'token=operator-token&next=%2Fdiagnostics',
    });
    expect(good.status).toBe(303);
    expect(good.headers.location).toBe('/diagnostics');
    const cookie = String(good.headers['set-cookie']);
    expect(cookie).toMatch(/^orchestrator_session=.*; Path=\/; HttpOnly; SameSite=Strict$/);
    const session = { cookie: cookie.split(';')[0] ?? '' };
    expect((await ask(port, '/api/status', { headers: session })).status).toBe(200);
    const out = await ask(port, '/sign-out', { method: 'POST', headers: session });
    expect(String(out.headers['set-cookie'])).toContain('Max-Age=0');
  });

  test('lets a reader sign out as anybody else', async () => {
    const { port } = await startTestPanel({ env });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const signedIn = await ask(port, '/sign-in', { method: 'POST', headers, body: 'token=reader-token' });
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
    expect((await ask(port, '/api/status', { headers: { cookie } })).status).toBe(200);
    for (const given of [{ cookie }, {}]) {
      const out = await ask(port, '/sign-out', { method: 'POST', headers: given });
      expect(out.status).toBe(303);
      expect(String(out.headers['set-cookie'])).toContain('Max-Age=0');
    }
  });

  test('refuses a wrong token slowly, without a cookie', async () => {
    const { port } = await startTestPanel({ env });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const began = performance.now();
    const bad = await ask(port, '/sign-in', { method: 'POST', headers: form, body: 'token=guess' });
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(bad.headers.location).toBe('/sign-in?next=%2F#refused');
    expect(bad.headers['set-cookie']).toBeUndefined();
  });
});

test('an address that others can reach is refused without ORCHESTRATOR_TOKEN', async () => {
  const change = (
    manifest: Parameters<NonNullable<Parameters<typeof startTestPanel>[0]>['change'] & object>[0],
  ) => ({
    ...manifest,
    services: manifest.services.map((service) =>
      service.id === 'panel' ? { ...service, host: '0.0.0.0' } : service,
    ),
  });
  await expect(startTestPanel({ change })).rejects.toMatchObject({ code: 'ORC4007' });
  await expect(startTestPanel({ change, env: { ORCHESTRATOR_READ_TOKEN: 'x' } })).rejects.toMatchObject({
    code: 'ORC4007',
  });
});

test.each([
  [null, '/'],
  ['/', '/'],
  ['/diagnostics', '/diagnostics'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['/a?b', '/'],
  ['/a\r\nSet-Cookie: x', '/'],
])('the form leads only to pages of this panel: %s', (next, path) => {
  expect(localPath(next)).toBe(path);
});
