import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../until.ts';
import { processesNaming, Stack, type StackOptions } from './stack.ts';

const open: { stacks: Stack[]; servers: Server[] } = { stacks: [], servers: [] };

async function stackOf(options: StackOptions = {}): Promise<Stack> {
  const stack = await Stack.create(options);
  open.stacks.push(stack);
  return stack;
}

/** A program that is not ours, listening on the port. */
async function stranger(port: number, answer = 'hello'): Promise<Server> {
  const server = createServer((_request, response) => response.end(answer));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  open.servers.push(server);
  return server;
}

const nothingRuns = (stack: Stack) => expect(processesNaming(stack.folder)).toEqual([]);

afterEach(async () => {
  for (const server of open.servers.splice(0)) server.close();
  for (const stack of open.stacks.splice(0)) await stack.close();
});

describe('bad input and bad luck', () => {
  test('a broken manifest names line, key and the nearest known key', async () => {
    const stack = await stackOf();
    const text = readFileSync(stack.manifestFile, 'utf8').replace('"failureThreshold"', '"failureTreshold"');
    await writeFile(stack.manifestFile, text);
    const line = text.split('\n').findIndex((entry) => entry.includes('failureTreshold')) + 1;
    const result = await stack.powershell('Install-Orchestrator -Backend Embedded');
    expect(result.code).not.toBe(0);
    const said = result.stderr + result.stdout;
    expect(said).toContain('failureTreshold');
    expect(said).toContain('failureThreshold');
    expect(said).toContain(String(line));
    nothingRuns(stack);
  });

  test.each(['panel', 'comfyui'])(
    'the port of %s held by a stranger: named with its PID, nothing started, nothing killed',
    async (id) => {
      const stack = await stackOf();
      const port = stack.service(id).port ?? 0;
      await stranger(port);
      const result = await stack.powershell('Install-Orchestrator -Backend Embedded');
      const said = result.stderr + result.stdout;
      expect(result.code).not.toBe(0);
      expect(said).toContain('ORC2002');
      expect(said).toContain(String(port));
      expect(said).toContain(String(process.pid));
      nothingRuns(stack);
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello');
    },
  );

  test('a file in requires is missing: that service is skipped with a warning, the rest runs', async () => {
    const stack = await stackOf({
      flaky: true,
      change: (manifest) => {
        const flaky = manifest.services.find(({ id }) => id === 'flaky');
        flaky?.requires.push(join(manifest.paths.data, 'no-such-file.bin'));
      },
    });
    const result = await stack.powershell('$null = Install-Orchestrator -Backend Embedded');
    expect(result.code).toBe(0);
    expect(result.stdout + result.stderr).toContain('no-such-file.bin');
    await stack.healthy('comfyui');
    const flaky = (await stack.status()).find(({ id }) => id === 'flaky');
    expect(flaky).toMatchObject({ state: 'Skipped', health: 'skipped' });
  });

  test('--comfyui to nowhere: an error, and nothing starts', async () => {
    const stack = await stackOf();
    const nowhere = join(stack.folder, 'no comfy here');
    const result = await stack.powershell(`Install-Orchestrator -Backend Embedded -ComfyUIPath '${nowhere}'`);
    expect(result.code).not.toBe(0);
    expect(result.stderr + result.stdout).toContain('ORC2010');
    nothingRuns(stack);
  });

  test('--comfyui runs the program that is there', async () => {
    const stack = await stackOf();
    const folder = join(stack.folder, 'Мой ComfyUI');
    mkdirSync(folder);
    const server = [
      'import http.server, sys',
      'port = int(sys.argv[sys.argv.index("--port") + 1])',
      'class H(http.server.BaseHTTPRequestHandler):',
      '    def do_GET(self):',
      '        self.send_response(200); self.end_headers(); self.wfile.write(b"{}")',
      'print("own comfy", flush=True)',
      'http.server.HTTPServer(("127.0.0.1", port), H).serve_forever()',
    ];
    await writeFile(join(folder, 'main.py'), server.join('\n'));
    const result = await stack.powershell(
      `$null = Install-Orchestrator -Backend Embedded -ComfyUIPath '${folder}'`,
    );
    expect(result.stderr).toBe('');
    expect(result.code).toBe(0);
    await stack.healthy('comfyui');
    expect(readFileSync(stack.service('comfyui').logs.stdout, 'utf8')).toContain('own comfy');
    expect((await stack.status()).find(({ id }) => id === 'comfyui')).toMatchObject({ mode: 'managed' });
  });

  test('--attach: a ComfyUI that answers is watched and never stopped', async () => {
    const stack = await stackOf();
    const stats = JSON.stringify({ system: { comfyui_version: '0.3.64' }, devices: [] });
    await stranger(stack.service('comfyui').port ?? 0, stats);
    const result = await stack.powershell('$null = Install-Orchestrator -Backend Embedded -Attach');
    expect(result.stderr).toBe('');
    await stack.healthy('comfyui');
    expect((await stack.status()).find(({ id }) => id === 'comfyui')).toMatchObject({
      mode: 'external',
      state: 'External',
    });
    await stack.powershell('Stop-Orchestrator | Out-Null');
    expect(await stack.answers('comfyui')).toBe(true);
  });

  test('a log folder that cannot be written is said before anything starts', async () => {
    const stack = await stackOf();
    await writeFile(join(stack.folder, 'logs'), 'a file where the folder should be');
    const result = await stack.powershell('Install-Orchestrator -Backend Embedded');
    expect(result.code).not.toBe(0);
    expect(result.stderr + result.stdout).toContain('ORC2009');
    nothingRuns(stack);
  });

  test('state files missing, empty, truncated, from the future: said, worked around, never deleted', async () => {
    const stack = await stackOf();
    await stack.install();
    await stack.healthy('comfyui');
    // A living host writes its own file anew, so the one from the future is that of a stopped service.
    await stack.powershell('Stop-Orchestrator guardian, comfyui | Out-Null');
    const data = stack.manifest.paths.data;
    await rm(join(data, 'guardian.json'));
    await truncate(join(data, 'desired.json'), 40);
    const future = JSON.stringify({ version: 99, of: 'the future' });
    await writeFile(join(data, 'run', 'comfyui.json'), future);
    const status = await stack.objects<{ Id: string; Health: string; Warnings: string[] }>(
      'Get-OrchestratorStatus',
    );
    expect(status).toHaveLength(3);
    expect(status.flatMap(({ Warnings }) => Warnings).join(' ')).toMatch(/desired\.json/);
    expect(status.flatMap(({ Warnings }) => Warnings).join(' ')).toMatch(/comfyui\.json/);
    const seen = await stack.status();
    expect(seen).toHaveLength(3);
    expect(readFileSync(join(data, 'run', 'comfyui.json'), 'utf8')).toBe(future);
    expect(existsSync(join(data, 'desired.json'))).toBe(true);
    await stack.objects('Start-Orchestrator comfyui -Wait');
    expect(await stack.answers('comfyui')).toBe(true);
  });

  test('with the guardian dead the panel answers and says so', async () => {
    const stack = await stackOf();
    await stack.install();
    await stack.healthy('panel');
    await stack.powershell('Stop-Orchestrator guardian | Out-Null');
    const status = await until('the panel sees it', async () => {
      const seen = await stack.status();
      return seen.find(({ id }) => id === 'comfyui')?.health === 'unknown' ? seen : null;
    });
    expect(status.find(({ id }) => id === 'comfyui')?.reason).toMatch(/guardian/i);
    expect(status.find(({ id }) => id === 'guardian')).toMatchObject({
      desired: 'stopped',
      state: 'Stopped',
    });
  });
});
