import { describe, expect, test } from 'vitest';
import { serviceStatusSchema } from '../../../core/contract/cmdlets.ts';
import { OrchestratorError } from '../../../core/contract/errors.ts';
import type { Manifest, Service } from '../../../core/contract/manifest.ts';
import { systemStatusSchema } from '../../../core/status/picture.ts';
import { ask, type Call, startTestPanel } from './panelUnderTest.ts';

const post = { method: 'POST' } as const;
const asked = ({ params }: Call): string => (params.Name as string[])[0] ?? '';

/** A cmdlet that succeeds: the status of the service it was asked for. */
function succeed(call: Call) {
  const id = asked(call);
  const data = [
    {
      id,
      serviceName: id,
      displayName: id,
      mode: 'managed',
      desired: call.name === 'Stop-Orchestrator' ? 'stopped' : 'running',
      state: call.name === 'Stop-Orchestrator' ? 'Stopped' : 'Running',
      health: call.name === 'Stop-Orchestrator' ? 'stopped' : 'starting',
      reason: 'It is starting.',
      processId: 4711,
      since: null,
      exitCode: null,
      address: null,
      attempts: 0,
      maxAttempts: 3,
      guardianState: null,
      nextAction: null,
      nextActionAt: null,
      latencyMs: null,
      drift: null,
      warnings: [],
    },
  ];
  return { data, records: [] };
}

const changed =
  (id: string, change: Partial<Service>) =>
  (manifest: Manifest): Manifest => ({
    ...manifest,
    services: manifest.services.map((service) => (service.id === id ? { ...service, ...change } : service)),
  });

describe('status', () => {
  test('is the whole picture, by the contract', async () => {
    const { port } = await startTestPanel({ scene: 'failed' });
    const reply = await ask(port, '/api/status');
    expect(reply.headers['cache-control']).toBe('no-store');
    const picture = systemStatusSchema.strict().parse(reply.json());
    expect(picture.services.map(({ id, health }) => [id, health])).toEqual([
      ['panel', 'healthy'],
      ['comfyui', 'exhausted'],
      ['guardian', 'healthy'],
    ]);
    expect(picture.overall).toBe('failed');
    expect(picture.incidents[0]?.cause).toContain('CUDA out of memory');
  });

  test('of one service goes by id and by alias', async () => {
    const { port } = await startTestPanel();
    const byId = await ask(port, '/api/system/comfyui/status');
    const byAlias = await ask(port, '/api/system/comfy/status');
    expect(byAlias.json()).toEqual(byId.json());
    expect(serviceStatusSchema.strict().parse(byId.json()).health).toBe('healthy');
  });

  test.each(['nope', 'Comfy', 'OrchestratorPanel', 'constructor', '__proto__', 'панель', 'comfy*'])(
    'of a name that the manifest does not have is 404: %s',
    async (name) => {
      const { port } = await startTestPanel();
      const reply = await ask(port, `/api/system/${encodeURIComponent(name)}/status`);
      expect(reply.status).toBe(404);
      expect(reply.json()).toMatchObject({
        code: 'ORC2001',
        why: expect.stringContaining('panel, comfyui, comfy, guardian'),
      });
    },
  );

  test('with the guardian dead it says so, and claims no health it cannot know', async () => {
    const { port } = await startTestPanel({ scene: 'guardianDead' });
    const picture = (await ask(port, '/api/status', { headers: { 'accept-language': 'ru' } })).json();
    expect(picture.guardian.alive).toBe(false);
    const comfy = picture.services.find(({ id }: { id: string }) => id === 'comfyui');
    expect(comfy).toMatchObject({
      state: 'Running',
      health: 'unknown',
      guardianState: null,
      nextAction: null,
    });
    expect(comfy.reason).toContain('страж не отвечает');
    const guardian = picture.services.find(({ id }: { id: string }) => id === 'guardian');
    expect(guardian).toMatchObject({ state: 'Stopped', health: 'unhealthy' });
  });
});

describe('actions', () => {
  test.each([
    ['start', 'Start-Orchestrator'],
    ['stop', 'Stop-Orchestrator'],
    ['restart', 'Restart-Orchestrator'],
  ])('%s calls %s with the id, never with the alias', async (action, cmdlet) => {
    const { port, calls } = await startTestPanel({ answer: succeed });
    const reply = await ask(port, `/api/system/comfy/${action}`, post);
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({
      accepted: false,
      id: 'comfyui',
      action,
      service: { id: 'comfyui' },
    });
    expect(calls).toEqual([
      {
        name: cmdlet,
        params: { Name: ['comfyui'], By: 'panel' },
        detached: false,
        timeoutMs: expect.any(Number),
      },
    ]);
  });

  test('a stop may take its own time limit, a waited start its grace', async () => {
    const { port, calls } = await startTestPanel({ answer: succeed });
    await ask(port, '/api/system/comfy/stop', post);
    await ask(port, '/api/system/comfy/start', { ...post, body: '{"wait":true}' });
    expect(calls[0]?.timeoutMs).toBe(90_000);
    expect(calls[1]).toMatchObject({ params: { Wait: true }, timeoutMs: 660_000 });
  });

  test.each([
    ['', 200],
    ['{}', 200],
    ['{"wait":false}', 200],
    ['{"wait":"yes"}', 400],
    ['{"Wait":true}', 400],
    ['[]', 400],
    ['{', 400],
    ['wait=1', 400],
    ['null', 400],
  ])('body %s → %i', async (body, status) => {
    const { port, calls } = await startTestPanel({ answer: succeed });
    const reply = await ask(port, '/api/system/comfy/start', { ...post, body });
    expect(reply.status).toBe(status);
    expect(calls.length).toBe(status === 200 ? 1 : 0);
    if (status === 400) expect(reply.json()).toMatchObject({ code: 'ORC4005' });
  });

  test('a form from a script, without Origin, works as well', async () => {
    const { port } = await startTestPanel({ answer: succeed });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await ask(port, '/api/system/comfy/start', { ...post, headers })).status).toBe(200);
  });

  test('an external service is left alone', async () => {
    const { port, calls } = await startTestPanel({
      change: changed('comfyui', { mode: 'external', command: null }),
    });
    const reply = await ask(port, '/api/system/comfy/stop', post);
    expect(reply.status).toBe(409);
    expect(reply.json()).toMatchObject({ code: 'ORC2008' });
    expect(calls).toEqual([]);
  });

  test.each([
    [new OrchestratorError('ORC3004', { cmdlet: 'Start-Orchestrator', seconds: 60 }), 504, 'ORC3004'],
    [new OrchestratorError('ORC3005', { detail: 'gone' }), 503, 'ORC3005'],
    [new OrchestratorError('ORC2006', { service: 'ComfyUI', seconds: 10 }), 409, 'ORC2006'],
    [new Error('a secret path'), 500, 'ORC4008'],
  ])('a failed call is a problem: %s', async (error, status, code) => {
    const answer = () => {
      throw error;
    };
    const { port } = await startTestPanel({ answer });
    const reply = await ask(port, '/api/system/comfy/start', post);
    expect(reply.status).toBe(status);
    expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(reply.json()).toMatchObject({ code, requestId: reply.headers['x-request-id'] });
    expect(reply.text).not.toMatch(/secret|\.ts/);
  });

  test('a fault of the one item is the fault of the call', async () => {
    const message =
      'ORC2003: ComfyUI was skipped. A file it requires is missing: main.py. Put the file there, or correct "requires" in the manifest.';
    const answer = () => ({ data: [], records: [{ level: 'error', code: 'ORC2003', message }] });
    const { port } = await startTestPanel({ answer });
    const reply = await ask(port, '/api/system/comfy/start', {
      ...post,
      headers: { 'accept-language': 'ru' },
    });
    expect(reply.status).toBe(409);
    expect(reply.json()).toMatchObject({ code: 'ORC2003', title: 'ComfyUI пропущена.' });
  });

  test('an answer about nothing is not taken for success', async () => {
    const { port } = await startTestPanel();
    const reply = await ask(port, '/api/system/comfy/start', post);
    expect(reply.status).toBe(502);
    expect(reply.json()).toMatchObject({ code: 'ORC3006' });
  });

  test.each(['start', 'stop', 'restart'])(
    '%s of the panel itself is accepted first and done after',
    async (action) => {
      let answered = false;
      let answeredWhenCalled: boolean | null = null;
      const { port, calls } = await startTestPanel({
        answer: () => {
          answeredWhenCalled = answered;
        },
      });
      const reply = await ask(port, `/api/system/panel/${action}`, post);
      answered = true;
      expect(reply.status).toBe(202);
      expect(reply.json()).toMatchObject({
        accepted: true,
        id: 'panel',
        action,
        message: expect.stringMatching(/panel/i),
      });
      await expect.poll(() => calls.length).toBe(1);
      expect(calls[0]).toMatchObject({ detached: true, params: { Name: ['panel'], By: 'panel' } });
      expect(answeredWhenCalled).not.toBeNull();
    },
  );
});

describe('ignite', () => {
  test('starts what does not run, in file order, and leaves the rest', async () => {
    const { port, calls } = await startTestPanel({ scene: 'stopped', answer: succeed });
    const reply = await ask(port, '/api/system/ignite', post);
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({
      ok: true,
      results: [
        { id: 'panel', outcome: 'started' },
        { id: 'comfyui', outcome: 'started' },
        { id: 'guardian', outcome: 'started' },
      ],
    });
    expect(calls.map(asked)).toEqual(['panel', 'comfyui', 'guardian']);
  });

  test('with everything running it changes nothing', async () => {
    const { port, calls } = await startTestPanel({ answer: succeed });
    const reply = await ask(port, '/api/system/ignite', post);
    expect(reply.json().results.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'running',
      'running',
      'running',
    ]);
    expect(calls).toEqual([]);
  });

  test('one that fails is one result, and the next is started all the same', async () => {
    const answer = (call: Call) => {
      if (asked(call) === 'comfyui')
        throw new OrchestratorError('ORC2002', { port: 8188, service: 'ComfyUI', owner: 'nginx' });
      return succeed(call);
    };
    const { port, calls } = await startTestPanel({ scene: 'stopped', answer });
    const reply = await ask(port, '/api/system/ignite', post);
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({
      ok: false,
      results: [
        { outcome: 'started', problem: null },
        {
          outcome: 'failed',
          problem: { code: 'ORC2002', title: 'Port 8188 for ComfyUI is taken by nginx.' },
        },
        { outcome: 'started', problem: null },
      ],
    });
    expect(calls.map(asked)).toEqual(['panel', 'comfyui', 'guardian']);
  });

  test('without PowerShell it does not wait for each to fail', async () => {
    const answer = () => {
      throw new OrchestratorError('ORC3005', { detail: 'gone' });
    };
    const { port, calls } = await startTestPanel({ scene: 'stopped', answer });
    const { results } = (await ask(port, '/api/system/ignite', post)).json();
    expect(results.map(({ problem }: { problem: { code: string } }) => problem.code)).toEqual([
      'ORC3005',
      'ORC3005',
      'ORC3005',
    ]);
    expect(calls.length).toBe(1);
  });

  test('waits for one that a later one builds on; skips what is external or lacks a file', async () => {
    const change = (manifest: Manifest) =>
      changed('guardian', { requires: ['/not/there'] })(
        changed('comfyui', { dependsOn: ['panel'] })(manifest),
      );
    const { port, calls } = await startTestPanel({ scene: 'stopped', answer: succeed, change });
    const { results } = (await ask(port, '/api/system/ignite', post)).json();
    expect(results.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'started',
      'started',
      'skipped',
    ]);
    expect(calls.map(({ params }) => params.Wait)).toEqual([true, undefined]);
  });
});
