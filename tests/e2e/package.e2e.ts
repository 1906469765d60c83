import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Release } from '../../tools/release/archive.ts';
import { freePort } from '../freePort.ts';
import { processesNaming, pwsh, root, run } from './stack.ts';

const program = '.runtime/node_modules/node/bin/node';
let folder = '';
let home = '';
let files: Record<string, Uint8Array> = {};

/** A session on a machine without Node.js and npm: its PATH leads to an empty folder. */
async function session(script: string) {
  const line = `$ErrorActionPreference = 'Stop'; Import-Module ./ps/Orchestrator.psd1; ${script}`;
  const env = {
    PATH: join(folder, 'empty'),
    NO_COLOR: '1',
    ORCHESTRATOR_NODE: '',
    ORCHESTRATOR_MANIFEST: '',
  };
  return run(pwsh(), ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', line], env, home);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orc-package-'));
  home = join(folder, 'Мой Orchestrator');
  await mkdir(join(folder, 'empty'));
  const tool = [join(root, 'tools', 'package.ts'), '--platform', 'linux-x64', '--out', folder];
  const made = await run(process.execPath, tool);
  expect(made.code, made.stderr).toBe(0);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  files = unzipSync(await readFile(join(folder, `orchestrator-${version}-linux-x64.zip`)));
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), bytes, { mode: path === program ? 0o755 : 0o644 });
  }
}, 300_000);

afterAll(async () => {
  if (existsSync(join(home, '.orchestrator', 'orchestrator.json'))) {
    await session('Uninstall-Orchestrator | Out-Null');
  }
  await rm(folder, { recursive: true, force: true });
});

describe('a release', () => {
  test('holds what it lists and nothing of the sources or of npm', () => {
    const release: Release = JSON.parse(Buffer.from(files['release.json'] ?? []).toString());
    const listed = release.files.map(({ path }) => path);
    expect(Object.keys(files).sort()).toEqual([...listed, 'release.json'].sort());
    expect(listed).toEqual([...listed].sort());
    expect(listed).toEqual(
      expect.arrayContaining([program, 'LICENSE', 'THIRD-PARTY.md', 'deploy/windows/orchestrator.json']),
    );
    const foreign = listed.filter((path) => path !== program && /(\.ts|\.map)$|node_modules/.test(path));
    expect(foreign).toEqual([]);
  });

  test('installs without Node.js and npm, is healthy, answers, and is uninstalled', async () => {
    const file = join(home, 'deploy', 'local', 'orchestrator.json');
    const manifest = JSON.parse(await readFile(file, 'utf8'));
    for (const service of manifest.services) {
      if (service.port !== null) service.port = await freePort();
      const { args } = service.command;
      if (args.includes('--port')) args[args.indexOf('--port') + 1] = String(service.port);
    }
    await writeFile(file, JSON.stringify(manifest));

    const installed = await session(
      'if (Get-Command node, npm -ErrorAction Ignore) { throw "there is a node" }; ' +
        'Install-Orchestrator -PassThru | Where-Object Health | ForEach-Object { "$($_.Id) $($_.Health)" }',
    );
    expect(installed.stderr).toBe('');
    for (const id of ['panel', 'comfyui', 'guardian']) expect(installed.stdout).toContain(`${id} healthy`);
    expect(processesNaming(join(home, program)).length).toBeGreaterThanOrEqual(3);

    const panel = `http://127.0.0.1:${manifest.services[0].port}`;
    expect((await fetch(`${panel}/en/`)).status).toBe(200);
    // An endpoint of Astro, which would need packages if they were not inside.
    const restarted = await fetch(`${panel}/api/system/comfyui/restart`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(restarted.status, await restarted.text()).toBeLessThan(300);

    const removed = await session('Uninstall-Orchestrator | Out-Null');
    expect(removed.stderr).toBe('');
    expect(processesNaming(home)).toEqual([]);
  }, 300_000);
});
