import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archiveRelease, describeRelease } from '../../tools/release/archive.ts';
import { type Content, releaseContent } from '../../tools/release/content.ts';
import { WindowsBox } from './box.ts';
import { Installation } from './installation.ts';
import type { JobEnd } from './session.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const home = 'C:\\Program Files\\Мой Orchestrator';
const main = 'dist/panel/main.js';

/** Releases as `npm run package` makes them, with the Node.js of the box: the pinned one does not run under Wine. */
describe('a release as Windows services, and its updates', () => {
  let box: WindowsBox;
  let stack: Installation;
  let content: Content;
  let program: string;

  beforeAll(async () => {
    box = await WindowsBox.create();
    const binary = await readFile(box.toLinux('C:\\node\\node.exe'));
    content = await releaseContent({ root, platform: 'win-x64', node: { version: '22.23.3', binary } });
    program = Buffer.from(content.get(main) ?? []).toString('utf8');
    stack = await Installation.create(box, {
      backend: 'Nssm',
      folder: 'Выпуск',
      change: (manifest) => {
        for (const service of manifest.services) service.cwd = home;
      },
    });
    await lay(await release('0.1.0', program), home);
  });

  afterAll(() => box?.dispose());

  async function release(version: string, panel: string) {
    const own: Content = new Map(content).set(main, Buffer.from(panel));
    const told = JSON.parse(Buffer.from(own.get('package.json') ?? []).toString('utf8')) as object;
    own.set('package.json', Buffer.from(JSON.stringify({ ...told, version })));
    const builtAt = '2026-01-02T03:04:05.000Z';
    const info = describeRelease({
      content: own,
      version,
      platform: 'win-x64',
      builtAt,
      commit: '0',
      node: '22.23.3',
    });
    return { content: own, release: info };
  }

  async function lay(made: Awaited<ReturnType<typeof release>>, folder: string): Promise<void> {
    const files = new Map(made.content).set('release.json', Buffer.from(JSON.stringify(made.release)));
    for (const [path, bytes] of files) {
      const file = box.toLinux(`${folder}\\${path.replaceAll('/', '\\')}`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
    }
  }

  /** In a session of its own, which has the release's module and Node.js and nothing else. */
  const inRelease = (script: string): Promise<JobEnd> =>
    stack.pwsh(`Import-Module '${home}\\ps\\Orchestrator.psd1'\n${script}`, {
      fresh: true,
      module: false,
      timeoutMs: 115_000,
      env: { ORCHESTRATOR_NODE: '' },
    });

  const installed = async () =>
    (JSON.parse(await readFile(box.toLinux(`${home}\\release.json`), 'utf8')) as { version: string }).version;
  const running = async () => (await fetch(stack.url('panel', '/api/health'))).headers.get('x-release');
  /** The panel of a release that says which it is. */
  const speaking = (version: string) =>
    `import { ServerResponse } from 'node:http';
const before = ServerResponse.prototype.writeHead;
ServerResponse.prototype.writeHead = function (...args) { this.setHeader('x-release', '${version}'); return before.apply(this, args); };
${program}`;

  test('is installed without npm or a compiler, and runs on its own Node.js', async () => {
    const end = await inRelease('Install-Orchestrator | Out-Null');
    expect(end.error, end.output).toBeNull();
    for (const id of ['panel', 'comfyui']) expect(await stack.answers(id)).toBe(true);
    const programs = box.processes().filter(({ name }) => name === 'node.exe');
    expect(programs.length).toBeGreaterThanOrEqual(3);
    for (const { command } of programs) expect(command).toContain('.runtime');
  });

  test('any new session finds the module by the name of a cmdlet', async () => {
    const end = await stack.pwsh('$result = @((Get-OrchestratorStatus).Id)', { fresh: true, module: false });
    expect(end.error, end.output).toBeNull();
    expect(end.data).toEqual(['panel', 'comfyui', 'guardian']);
  });

  test('a good release from a zip takes its place', async () => {
    const made = await release('0.2.0', speaking('0.2.0'));
    await writeFile(box.toLinux('F:\\orchestrator-0.2.0.zip'), archiveRelease(made));
    const end = await inRelease('Update-Orchestrator F:\\orchestrator-0.2.0.zip | Out-Null');
    expect(end.error, end.output).toBeNull();
    expect(await installed()).toBe('0.2.0');
    expect(await running()).toBe('0.2.0');
    for (const id of ['panel', 'comfyui', 'guardian']) await stack.healthy(id);
  });

  test('a broken one gives way to the former by itself, and everything is healthy again', async () => {
    await lay(await release('0.3.0', 'console.error("broken"); process.exit(7);'), 'F:\\broken');
    const end = await inRelease('Update-Orchestrator F:\\broken | Out-Null');
    expect(end.error?.id, end.output).toMatch(/^ORC2077/);
    expect(await installed()).toBe('0.2.0');
    expect(await running()).toBe('0.2.0');
    for (const id of ['panel', 'comfyui', 'guardian']) await stack.healthy(id);
  });

  test('Uninstall-Orchestrator leaves no service and no module in new sessions', async () => {
    const end = await inRelease('Uninstall-Orchestrator -Confirm:$false | Out-Null');
    expect(end.error, end.output).toBeNull();
    expect(box.processes()).toEqual([]);
    const left = await stack.pwsh(
      '$result = @(Get-Command Get-OrchestratorStatus -ErrorAction Ignore).Name',
      {
        fresh: true,
        module: false,
      },
    );
    expect(left.data ?? []).toEqual([]);
  });
});
