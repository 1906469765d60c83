import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAttempts } from '../../../web/server/attempts.ts';
import { ask, startTestPanel } from './panelUnderTest.ts';

describe('wrong tokens', () => {
  test('block their address for a while, and no other', () => {
    let now = 0;
    const attempts = createAttempts({ perAddress: 3, windowMs: 60_000, clock: () => now });
    for (let count = 0; count < 3; count += 1) attempts.failed('10.0.0.1');
    expect(attempts.blockedFor('10.0.0.1')).toBe(60);
    expect(attempts.blockedFor('::ffff:10.0.0.1')).toBe(60);
    expect(attempts.blockedFor('10.0.0.2')).toBeNull();
    now = 59_001;
    expect(attempts.blockedFor('10.0.0.1')).toBe(1);
    now = 60_000;
    expect(attempts.blockedFor('10.0.0.1')).toBeNull();
  });

  test('from one network of IPv6 count as one', () => {
    const attempts = createAttempts({ perAddress: 2 });
    attempts.failed('2001:db8:1:2:3:4:5:6');
    attempts.failed('2001:db8:1:2:ffff:0:0:1');
    expect(attempts.blockedFor('2001:db8:1:2::9')).not.toBeNull();
    expect(attempts.blockedFor('2001:db8:1:3::9')).toBeNull();
  });

  test('are never more than the limits, from however many addresses', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(5000)), { maxLength: 400 }), (tries) => {
        let now = 0;
        const limits = { perAddress: 4, total: 30, windowMs: 60_000, addresses: 8 };
        const attempts = createAttempts({ ...limits, clock: () => now });
        const passed: { readonly at: number; readonly address: string }[] = [];
        for (const [host, pause] of tries) {
          now += pause;
          const address = `10.0.0.${host}`;
          if (attempts.blockedFor(address) !== null) continue;
          attempts.failed(address);
          passed.push({ at: now, address });
        }
        // Two windows may touch, so twice the limit is the most that any span of one window's length sees.
        for (const { at } of passed) {
          const span = passed.filter((each) => each.at >= at && each.at < at + limits.windowMs);
          expect(span.length).toBeLessThanOrEqual(2 * limits.total);
        }
      }),
    );
  });

  test('are answered 429 in the end, also when the right one comes then, and as a bearer too', async () => {
    const { port } = await startTestPanel({ env: { ORCHESTRATOR_TOKEN: 'the-right-operator-token' } });
    const headers = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    const statuses: number[] = [];
    for (let count = 0; count < 11; count += 1)
      statuses.push((await ask(port, '/api/status', headers(`wrong-${count}`))).status);
    expect(statuses).toEqual([...Array(10).fill(401), 429]);
    const late = await ask(port, '/api/status', headers('the-right-operator-token'));
    expect(late.status).toBe(429);
    expect(late.json()).toMatchObject({ code: 'ORC4010' });
    const seconds = Number(late.headers['retry-after']);
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(late.json().fix).toContain(`${seconds} s`);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const signIn = { method: 'POST', headers: form, body: 'token=the-right-operator-token' };
    expect((await ask(port, '/sign-in', signIn)).status).toBe(429);
    // Who has not tried is not bothered.
    expect((await ask(port, '/api/health')).status).toBe(200);
  });
});
