import { mkdir, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeState } from '../../../core/state/files.ts';
import { statePaths } from '../../../core/state/paths.ts';
import { readSystemStatus } from '../../../core/status/read.ts';
import { createStatusSource, type StatusSourceOptions } from '../../../core/status/source.ts';
import { scenes } from '../web/scenes.ts';
import { createStateFolder, desiredFile, incidentFile } from '../web/stateFolder.ts';

async function given(scene = 'healthy', options: Partial<StatusSourceOptions> = {}) {
  const folder = await createStateFolder();
  await scenes[scene]?.(folder);
  const source = createStatusSource({ manifest: folder.manifest, paths: folder.paths, ...options });
  onTestFinished(async () => {
    source.close();
    await rm(folder.dataDir, { recursive: true, force: true });
  });
  return {
    folder,
    source,
    health: async () => (await source.current()).status.services.map(({ health }) => health),
  };
}

describe('faults of state files', () => {
  const faults: readonly (readonly [string, string | null, RegExp | null])[] = [
    ['missing', null, null],
    ['empty', '', /empty/],
    ['blank', ' \n', /empty/],
    ['truncated', '{"version":1,"services":{"comf', /damaged/],
    ['no object', '[1,2]', /damaged/],
    ['null', 'null', /damaged/],
    ['of a newer version', '{"version":2,"services":{}}', /newer version/],
    ['of wrong types', '{"version":1,"services":5,"at":7,"processId":"x"}', /damaged/],
    ['binary', '\u0000\u0001\u0002', /damaged/],
  ];

  test.each(faults)('desired.json %s', async (_, content, warning) => {
    const { folder, source } = await given();
    if (content === null) await unlink(folder.paths.desired);
    else await writeFile(folder.paths.desired, content);
    const { status } = await source.current();
    expect(status.services.map(({ state }) => state)).toEqual(['Running', 'Running', 'Running']);
    if (warning) expect(status.warnings.join()).toMatch(warning);
    else expect(status.warnings).toEqual([]);
  });

  test.each(faults)('guardian.json %s', async (_, content, warning) => {
    const { folder, source } = await given();
    await writeState(folder.paths.incident('i-9'), incidentFile({ id: 'i-9' }));
    if (content === null) await unlink(folder.paths.guardian);
    else await writeFile(folder.paths.guardian, content);
    const { status } = await source.current();
    expect(status.guardian).toEqual({ alive: false, ageMs: null, at: null, processId: null });
    expect(status.services.map(({ health }) => health)).toEqual(['unknown', 'unknown', 'unhealthy']);
    expect(status.incidents.map(({ id }) => id)).toEqual(['i-9']);
    if (warning) expect(status.warnings.join()).toMatch(warning);
  });

  test.each(faults)('run/comfyui.json %s', async (_, content, warning) => {
    const { folder, source } = await given();
    if (content === null) await unlink(folder.paths.run('comfyui'));
    else await writeFile(folder.paths.run('comfyui'), content);
    const { status } = await source.current();
    const [panel, comfy] = status.services;
    expect(panel).toMatchObject({ health: 'healthy', warnings: [] });
    expect(comfy?.warnings.join()).toMatch(warning ?? /^$/);
    // An unreadable file says nothing; with none there is nothing that runs.
    if (content === null) expect(comfy).toMatchObject({ state: 'Stopped', health: 'unhealthy' });
  });

  test('a folder that is not there', async () => {
    const { folder } = await given();
    const status = await readSystemStatus({ manifest: folder.manifest, paths: statePaths('/not/there') });
    expect(status.services.map(({ health }) => health)).toEqual(['stopped', 'stopped', 'stopped']);
    expect(status.warnings).toEqual([]);
  });
});

describe('the source', () => {
  test('reads no file again while none has changed', async () => {
    const { source } = await given('healthy', { maxAgeMs: 60_000, rereadMs: 60_000 });
    const first = await source.current();
    await pause(100);
    const second = await source.current();
    expect(await source.current()).toBe(second);
    expect(second.version).toBe(first.version);
  });

  test('sees each change at the next question, without anybody listening', async () => {
    const { folder, source } = await given('healthy', { rereadMs: 60_000, maxAgeMs: 60_000 });
    await source.current();
    for (const code of [1, 2, 3]) {
      await folder.run('comfyui', { state: 'Exited', processId: null, exitCode: code });
      await expect
        .poll(async () => (await source.current()).status.services[1]?.exitCode, {
          interval: 5,
          timeout: 300,
        })
        .toBe(code);
    }
  });

  test('tells listeners, until they leave', async () => {
    const { folder, source } = await given();
    await source.current();
    const versions: number[] = [];
    const leave = source.subscribe(({ version }) => versions.push(version));
    await folder.desired({ panel: 'running', comfyui: 'stopped', guardian: 'running' }, 2);
    await expect.poll(() => versions.length, { timeout: 500, interval: 10 }).toBeGreaterThan(0);
    leave();
    const told = versions.length;
    await folder.desired({ panel: 'stopped', comfyui: 'stopped', guardian: 'stopped' }, 3);
    await pause(200);
    expect(versions.length).toBe(told);
  });

  test('goes on when the folder is made anew, or appears late', async () => {
    const { folder, source, health } = await given('healthy', { rereadMs: 50 });
    expect(await health()).toEqual(['healthy', 'healthy', 'healthy']);
    await rename(folder.dataDir, `${folder.dataDir}-old`);
    onTestFinished(() => rm(`${folder.dataDir}-old`, { recursive: true, force: true }));
    await expect.poll(health, { timeout: 2000 }).toEqual(['stopped', 'stopped', 'stopped']);
    await mkdir(folder.dataDir);
    await scenes.healthy?.(folder);
    await expect.poll(health, { timeout: 2000 }).toEqual(['healthy', 'healthy', 'healthy']);
    expect((await source.current()).version).toBe(3);
  });

  test('survives a writer that does not write whole files', async () => {
    const { folder, source } = await given();
    const text = JSON.stringify(
      desiredFile({ panel: 'running', comfyui: 'stopped', guardian: 'running' }, 2),
    );
    const writer = (async () => {
      for (let round = 0; round < 60; round += 1)
        await writeFile(folder.paths.desired, text.slice(0, (round * 7) % text.length));
      await writeFile(folder.paths.desired, text);
    })();
    for (let round = 0; round < 200; round += 1) {
      const { status } = await source.current();
      expect(status.services.length).toBe(3);
      await pause(1);
    }
    await writer;
    await expect.poll(async () => (await source.current()).status.warnings).toEqual([]);
    expect((await source.current()).status.services[1]).toMatchObject({ desired: 'stopped' });
  });

  test('keeps two hundred questions a second cheap while files change', async () => {
    const { folder, source } = await given();
    let writing = true;
    const writer = (async () => {
      for (let code = 0; writing; code += 1) {
        await folder.run('comfyui', { state: 'Exited', processId: null, exitCode: code });
        await pause(20);
      }
    })();
    const times: number[] = [];
    for (let round = 0; round < 300; round += 1) {
      const began = performance.now();
      (await source.current()).json('en');
      times.push(performance.now() - began);
      await pause(3);
    }
    writing = false;
    await writer;
    times.sort((a, b) => a - b);
    expect(times[Math.floor(times.length * 0.5)]).toBeLessThan(5);
  });
});
