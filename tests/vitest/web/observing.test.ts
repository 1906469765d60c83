import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { doctorSchema } from '../../../core/contract/doctor.ts';
import { latencySchema, uptimeSchema } from '../../../core/contract/history.ts';
import { hostSchema } from '../../../core/contract/host.ts';
import { incidentsSchema } from '../../../core/contract/incidents.ts';
import { openHistory } from '../../../core/history/history.ts';
import { writeState } from '../../../core/state/files.ts';
import { sumTimes, usedPercent } from '../../../web/server/host/cpu.ts';
import { createHostWatch } from '../../../web/server/host/watch.ts';
import { ask, startTestPanel } from './panelUnderTest.ts';
import { incidentFile } from './stateFolder.ts';

const minute = 60_000;

describe('history', () => {
  test('gives uptime of all services and the latency of one from what the guardian wrote', async () => {
    const { port, folder } = await startTestPanel();
    const history = openHistory({ path: folder.paths.history });
    const now = Date.now();
    for (let age = 59; age >= 1; age -= 1) {
      const healthy = age > 30;
      history.addSamples(now - age * minute, [
        {
          service: 'comfyui',
          state: healthy ? 'healthy' : 'suspect',
          healthy,
          latencyMs: healthy ? 10 + age : null,
        },
        { service: 'panel', state: 'stopped', healthy: null, latencyMs: null },
      ]);
    }
    history.close();
    const uptime = uptimeSchema.parse((await ask(port, '/api/history?span=1h&parts=2')).json());
    expect(uptime.available).toBe(true);
    const of = (id: string) => uptime.services.find((service) => service.id === id);
    expect(of('comfyui')?.bars.map((ratio) => Math.round(ratio ?? -1))).toEqual([1, 0]);
    expect(of('comfyui')?.ratio).toBeCloseTo(29 / 59, 5);
    expect(of('panel')).toMatchObject({ ratio: null, bars: [null, null] });
    const latency = latencySchema.parse((await ask(port, '/api/history/comfy?span=1h')).json());
    expect(latency.id).toBe('comfyui');
    const measured = latency.points.filter(({ meanMs }) => meanMs !== null);
    expect(measured.length).toBe(29);
    expect(measured[0]).toMatchObject({ meanMs: 69, maxMs: 69, ratio: 1 });
    expect(latency.points.every(({ at }) => at >= latency.from && at <= latency.until)).toBe(true);
  });

  test('says that there is none, and refuses what it does not know', async () => {
    const { port } = await startTestPanel();
    const none = uptimeSchema.parse((await ask(port, '/api/history')).json());
    expect(none.available).toBe(false);
    expect(none.services[0]?.bars).toEqual(Array.from({ length: 48 }, () => null));
    const bad = await ask(port, '/api/history?span=2y');
    expect(bad.status).toBe(400);
    expect(bad.json()).toMatchObject({ code: 'ORC4005', why: expect.stringContaining('span') });
    expect((await ask(port, '/api/history/nobody')).json()).toMatchObject({ code: 'ORC2001' });
  });
});

describe('incidents', () => {
  test('are listed newest first, by service, and one by one', async () => {
    const { port, folder } = await startTestPanel();
    for (const [index, service] of ['panel', 'comfyui', 'comfyui'].entries()) {
      const openedAt = new Date(Date.now() - index * minute).toISOString();
      await writeState(
        folder.paths.incident(`i-${index}`),
        incidentFile({ id: `i-${index}`, service, openedAt }),
      );
    }
    const all = incidentsSchema.parse((await ask(port, '/api/incidents')).json());
    expect(all.incidents.map(({ id }) => id)).toEqual(['i-0', 'i-1', 'i-2']);
    const some = incidentsSchema.parse((await ask(port, '/api/incidents?service=comfy&limit=1')).json());
    expect(some.incidents.map(({ id }) => id)).toEqual(['i-1']);
    expect((await ask(port, '/api/incidents/i-2')).json()).toMatchObject({ id: 'i-2', service: 'comfyui' });
    for (const id of ['i-9', '..', '.', '%2e%2e', 'i-2.json', '..%2fguardian', '']) {
      const answer = await ask(port, `/api/incidents/${id}`);
      expect([400, 404], id).toContain(answer.status);
    }
  });
});

describe('the doctor', () => {
  test('is asked once for all who ask at the same time, and its report is kept', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const check = { name: 'Node', status: 'warn', message: 'Old.', fix: 'Update it.', code: null };
    const { port, calls } = await startTestPanel({
      answer: async () => {
        await held;
        return { data: [check], records: [] };
      },
    });
    expect(doctorSchema.parse((await ask(port, '/api/doctor')).json())).toEqual({
      running: false,
      report: null,
    });
    const answers = [
      ask(port, '/api/doctor', { method: 'POST' }),
      ask(port, '/api/doctor', { method: 'POST' }),
    ];
    await expect.poll(async () => (await ask(port, '/api/doctor')).json().running).toBe(true);
    release();
    for (const answer of await Promise.all(answers)) {
      expect(doctorSchema.parse(answer.json())).toMatchObject({
        running: false,
        report: { checks: [check] },
      });
    }
    expect(calls.map(({ name }) => name)).toEqual(['Test-Orchestrator']);
    expect((await ask(port, '/api/doctor')).json().report.checks).toEqual([check]);
  });
});

describe('the host', () => {
  test('is told with its load', async () => {
    const { port } = await startTestPanel();
    const facts = hostSchema.parse((await ask(port, '/api/host')).json());
    expect(facts.memory.availableBytes).toBeLessThanOrEqual(facts.memory.totalBytes);
    expect(facts.versions.orchestrator).toMatch(/^\d+\.\d+\.\d+/);
  });

  test('load is a share of the time between two looks', () => {
    const times = (busy: number, idle: number) => [{ times: { user: busy, nice: 0, sys: 0, irq: 0, idle } }];
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.nat(1e6), fc.nat(1e6), (busy, idle, moreBusy, moreIdle) => {
        const percent = usedPercent(
          sumTimes(times(busy, idle)),
          sumTimes(times(busy + moreBusy, idle + moreIdle)),
        );
        if (moreBusy + moreIdle === 0) expect(percent).toBeNull();
        else expect(percent).toBeCloseTo((100 * moreBusy) / (moreBusy + moreIdle), 0);
      }),
    );
    expect(usedPercent({ busy: 5, all: 10 }, { busy: 4, all: 12 })).toBeNull();
  });

  test('is looked at only while somebody listens', async () => {
    let looks = 0;
    const watch = createHostWatch({
      orchestrator: '1.2.3',
      everyMs: 20,
      look: () => {
        looks += 1;
        return [];
      },
    });
    let heard = 0;
    const leave = watch.subscribe(() => {
      heard += 1;
    });
    await expect.poll(() => heard).toBeGreaterThan(2);
    leave();
    const before = looks;
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(looks).toBe(before);
  });
});
