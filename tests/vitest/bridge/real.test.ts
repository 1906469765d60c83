import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { createBridge } from '../../../core/bridge/index.ts';
import { checkSchema, cmdlets as contract } from '../../../core/contract/cmdlets.ts';
import type { Manifest } from '../../../core/contract/manifest.ts';
import { pwsh, root, silent } from './fixture.ts';

// Each start of PowerShell takes a second or two, more on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const anything = { params: z.looseObject({}), result: z.unknown() };
/** The contract, wider in places where the module itself must refuse. Results are checked against the real schemas. */
const cmdlets = {
  ...contract,
  'Test-Orchestrator': { params: z.looseObject({}), result: checkSchema },
  'Get-ChildItem': anything,
  'Set-OrchestratorSecret': anything,
  'Uninstall-Orchestrator': anything,
  'Invoke-BridgeRequest': anything,
  'get-orchestratorstatus': anything,
  'Orchestrator\\Get-OrchestratorStatus': anything,
  'Get-OrchestratorStatus; Remove-Item x': anything,
};

let folder: string;
let data: string;
let manifestFile: string;
let manifest: Manifest;
let bridge: ReturnType<typeof realBridge>;
let exports: ReturnType<typeof readExports>;

function realBridge() {
  const env = { ...process.env, ORCHESTRATOR_MANIFEST: manifestFile, ORCHESTRATOR_LANG: 'en' };
  return createBridge({ pwsh, root, env, logger: silent, cmdlets, limits: { startTimeoutMs: 50_000 } });
}

/** The exported functions of the module with the names of their parameters. */
async function readExports(): Promise<Record<string, string[]>> {
  const script = [
    `Import-Module '${join(root, 'ps', 'Orchestrator.psd1').replaceAll("'", "''")}'`,
    '$all = [ordered] @{}',
    '(Get-Module Orchestrator).ExportedFunctions.Values | ForEach-Object { $all[$_.Name] = @($_.Parameters.Keys) }',
    'ConvertTo-Json $all -Compress',
  ].join('; ');
  const { stdout } = await promisify(execFile)(pwsh, [
    '-NoLogo',
    '-NoProfile',
    '-NonInteractive',
    '-Command',
    script,
  ]);
  return JSON.parse(stdout) as Record<string, string[]>;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** The manifest of the trial as an installed copy in a folder of its own. */
async function writeManifest(): Promise<void> {
  const source = join(root, 'deploy', 'local', 'orchestrator.json');
  manifest = JSON.parse(await readFile(source, 'utf8')) as Manifest;
  manifest.paths = { ...manifest.paths, data, logs: join(folder, 'logs') };
  for (const service of manifest.services) {
    service.cwd = root;
    if (service.port !== null) service.port = await freePort();
    const logs = {
      stdout: join(folder, 'logs', `${service.id}.out`),
      stderr: join(folder, 'logs', `${service.id}.err`),
    };
    service.logs = { ...service.logs, ...logs };
  }
  Reflect.deleteProperty(manifest, '$schema');
  manifest.installedFrom = source;
  await writeFile(manifestFile, JSON.stringify(manifest, null, 2));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bridge-real-'));
  data = join(folder, 'data');
  manifestFile = join(data, 'orchestrator.json');
  await mkdir(data);
  await mkdir(join(folder, 'logs'));
  await writeManifest();
  // Beside the bridge's own start, since each takes a second or two.
  exports = readExports();
  bridge = realBridge();
  await Promise.all([bridge.warm(), exports]);
});
afterAll(async () => {
  // Should one of these names start something after all, it ends here.
  await bridge?.call('Stop-Orchestrator', {}).catch(() => {});
  await bridge?.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Files that a cmdlet has written below the data folder. */
const written = () =>
  readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'orchestrator.json')
    .map(({ name }) => name);

/** Processes whose command line or environment names this test's folder, apart from the bridge's own. */
function programsOfThisTest(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      if (pid === process.pid || pid === bridge.stats.pid) return false;
      try {
        const seen =
          readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8');
        return seen.includes(folder);
      } catch {
        return false;
      }
    });
}

describe('the real module through the bridge', () => {
  test('Get-OrchestratorStatus shows each service in the shape of the contract', async () => {
    const { data: services } = await bridge.call('Get-OrchestratorStatus', {});
    expect(services.map(({ id }) => id)).toEqual(manifest.services.map(({ id }) => id));
    for (const service of services) {
      expect(contract['Get-OrchestratorStatus'].result.safeParse(service).error).toBeUndefined();
      expect(service).toMatchObject({ state: 'Stopped', processId: null });
    }
    const panel = manifest.services.find(({ id }) => id === 'panel');
    expect(services[0]?.address).toContain(`:${panel?.port}`);
  });

  test('one name gives one service', async () => {
    const { data: services } = await bridge.call('Get-OrchestratorStatus', { Name: ['comfy'] });
    expect(services.map(({ id }) => id)).toEqual(['comfyui']);
  });

  test.each([
    ['something like a parameter', '-WhatIf'],
    ['a parameter with a value', '-Wait:$true'],
    ['a stop of parsing', '--%'],
    ['a subexpression', '$(Stop-Process)'],
    ['a single quote', "'; Stop-Process -Id 1; '"],
    ['U+2018 and U+2019', '\u2018; exit 3; \u2019'],
    ['U+201C and U+201D', '\u201c; exit 3; \u201d'],
    ['a newline', 'panel\nexit 3'],
    ['NUL', 'nobody\u0000'],
    ['something like a date', '2025-01-02T03:04:05Z'],
    ['a name of a prototype', '__proto__'],
  ])('Start-Orchestrator with %s for a name is ORC2001 and starts nothing', async (_, name) => {
    const { failures, starts } = bridge.stats;
    await expect(bridge.call('Start-Orchestrator', { Name: [name] })).rejects.toMatchObject({
      code: 'ORC2001',
      cmdlet: 'Start-Orchestrator',
      message: expect.stringContaining('There is no service'),
    });
    expect(written()).toEqual([]);
    expect(programsOfThisTest()).toEqual([]);
    expect(bridge.stats).toMatchObject({ failures, starts });
  });

  // Asked of a cmdlet that only reads, since a name that is taken for the panel's would start it.
  test.each([
    ['NUL', 'panel\u0000'],
    ['a soft hyphen', 'pan\u00adel'],
    ['a space without width', 'panel\u200b'],
    ['a byte order mark', '\ufeffpanel'],
  ])('a name with %s in it is not the name without', async (_, name) => {
    await expect(bridge.call('Get-OrchestratorStatus', { Name: [name] })).rejects.toMatchObject({
      code: 'ORC2001',
    });
  });

  test('one unknown name among known ones starts none of them', async () => {
    const call = bridge.call('Start-Orchestrator', { Name: ['panel', '-WhatIf'] });
    await expect(call).rejects.toMatchObject({ code: 'ORC2001' });
    expect(written()).toEqual([]);
    expect(programsOfThisTest()).toEqual([]);
  });

  test('Test-Orchestrator gives checks in the shape of the contract', async () => {
    const { data: checks } = await bridge.call('Test-Orchestrator', {});
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['PowerShell', 'Node', 'Manifest']),
    );
    expect(checks.find(({ name }) => name === 'PowerShell')?.status).toBe('pass');
  });

  test('Test-OrchestratorManifest passes the sound one and names the fault of another', async () => {
    const [sound] = (await bridge.call('Test-OrchestratorManifest', { Path: manifestFile })).data;
    expect(sound).toMatchObject({ valid: true, findings: [] });
    // A name that would run if it were ever read as PowerShell.
    const file = join(folder, "$(New-Item trap)'; exit 3; '.json");
    await writeFile(file, JSON.stringify({ ...manifest, threshold: {} }, null, 2));
    const [broken] = (await bridge.call('Test-OrchestratorManifest', { Path: file })).data;
    expect(broken).toMatchObject({ valid: false, path: file });
    expect(broken?.findings).toContainEqual(expect.objectContaining({ suggestion: 'thresholds' }));
  });

  test('Get-OrchestratorLog gives lines in the shape of the contract, whatever they hold', async () => {
    const { stdout } = manifest.services.find(({ id }) => id === 'panel')?.logs ?? { stdout: '' };
    const odd = 'Привет “мир” 🔥 \u001b[31m$(Stop-Process)\u001b[0m';
    await writeFile(stdout, `first\n{"level":30,"time":1735787045000,"msg":"started"}\n${odd}\n`);
    const { data: lines } = await bridge.call('Get-OrchestratorLog', { Name: ['panel'], Tail: 10 });
    expect(lines.map(({ id, stream }) => `${id} ${stream}`)).toEqual(Array(3).fill('panel stdout'));
    const texts = lines.map(({ text }) => text);
    expect(texts[0]).toBe('first');
    expect(texts[1]).toContain('started');
    expect(texts[2]).toContain('Привет “мир” 🔥');
    expect(texts[2]).toContain('$(Stop-Process)');
    const found = await bridge.call('Get-OrchestratorLog', { Name: ['panel'], Pattern: '^first$' });
    expect(found.data.map(({ text }) => text)).toEqual(['first']);
  });

  // The proof that the calls above wrote nothing because of their names: this one writes.
  test('Stop-Orchestrator with a known name is carried out', async () => {
    const { data: services } = await bridge.call('Stop-Orchestrator', { Name: ['comfyui'], By: 'panel' });
    expect(services).toMatchObject([{ id: 'comfyui', desired: 'stopped', state: 'Stopped' }]);
    expect(existsSync(join(data, 'desired.json'))).toBe(true);
    const later = await bridge.call('Get-OrchestratorStatus', { Name: ['comfyui'] });
    expect(later.data).toMatchObject([{ desired: 'stopped', health: 'stopped' }]);
  });
});

describe('the real module refuses by itself', () => {
  test.each([
    'Get-ChildItem',
    'Set-OrchestratorSecret',
    'Uninstall-Orchestrator',
    'Invoke-BridgeRequest',
    'get-orchestratorstatus',
    'Orchestrator\\Get-OrchestratorStatus',
    'Get-OrchestratorStatus; Remove-Item x',
  ] as const)('the name %s', async (name) => {
    await expect(bridge.call(name, {})).rejects.toMatchObject({ code: 'ORC3002', cmdlet: name });
  });

  test.each(['WhatIf', 'Confirm', 'ErrorAction', 'OutVariable', 'PipelineVariable', 'Verbose', 'Manifest'])(
    'the parameter %s, which is not in the contract',
    async (parameter) => {
      const call = bridge.call('Test-Orchestrator', { [parameter]: 'x' });
      await expect(call).rejects.toMatchObject({ code: 'ORC3003', target: parameter });
    },
  );
});

test('each cmdlet of the contract is in the module, with the parameters that the contract names', async () => {
  const exported = await exports;
  const names = Object.entries(contract);
  expect(names.length).toBeGreaterThan(0);
  for (const [name, { params }] of names) {
    expect(Object.keys(exported)).toContain(name);
    expect(exported[name], name).toEqual(expect.arrayContaining(Object.keys(params.shape)));
  }
});
