import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { probeComfyQueue } from '../../../guardian/probe/comfyQueue.ts';
import { manifestPaths, probeDisks } from '../../../guardian/probe/disk.ts';
import { probeHttp } from '../../../guardian/probe/http.ts';
import { listenersFor, parseListeners } from '../../../guardian/probe/listeners.ts';
import { probeMemory } from '../../../guardian/probe/memory.ts';
import { createLinuxPortOwners, noPortOwners } from '../../../guardian/probe/portOwner.ts';
import { temporaryFolder, testManifest } from './loopRig.ts';

const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
  for (const child of children.splice(0)) {
    const over = once(child, 'exit');
    child.kill('SIGKILL');
    await over;
  }
});

async function serve(
  listener: RequestListener,
  host = '127.0.0.1',
): Promise<{ server: Server; address: string; port: number }> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, port, address: `http://${host.includes(':') ? `[${host}]` : host}:${port}` };
}

describe('http', () => {
  const ask = (address: string, timeoutMs = 2000) => probeHttp({ address, path: '/health?x=1', timeoutMs });

  it.each([
    [200, true],
    [204, true],
    [301, true],
    [399, true],
    [400, false],
    [404, false],
    [500, false],
    [503, false],
  ])('status %i is healthy: %s', async (status, healthy) => {
    let seen = '';
    const { address } = await serve((request, response) => {
      seen = request.url ?? '';
      response.writeHead(status, status === 301 ? { location: 'http://192.0.2.1/' } : {}).end();
    });
    expect(await ask(address)).toMatchObject({
      healthy,
      answered: true,
      detail: `answers with status ${status}`,
    });
    expect(seen).toBe('/health?x=1');
  });

  it('measures the time to the status', async () => {
    const { address } = await serve((_, response) => setTimeout(() => response.end('x'), 60));
    const answer = await ask(address);
    expect(answer?.latencyMs).toBeGreaterThanOrEqual(50);
    expect(answer?.latencyMs).toBeLessThan(1500);
  });

  it('says when nobody listens', async () => {
    const { server, address } = await serve(() => {});
    server.close();
    expect(await ask(address)).toEqual({
      healthy: false,
      latencyMs: null,
      answered: false,
      detail: 'connection refused',
    });
  });

  it('gives up on a program that takes the connection and hangs', async () => {
    const { address } = await serve(() => {});
    const begun = performance.now();
    expect(await ask(address, 200)).toMatchObject({ healthy: false, detail: 'no answer within 0.2 s' });
    expect(performance.now() - begun).toBeLessThan(1200);
  });

  it('takes an answer that never ends for none', async () => {
    const { address } = await serve((_, response) => {
      response.writeHead(200);
      response.write('x');
    });
    expect(await ask(address, 300)).toMatchObject({ healthy: false });
  });

  it('does not read a huge body', async () => {
    let sent = 0;
    const { address } = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    expect(await ask(address)).toMatchObject({ healthy: true });
    expect(sent).toBeLessThan(20 * 1024 * 1024);
  });

  it('survives what is not HTTP', async () => {
    const server = createTcpServer((socket) => socket.end('SSH-2.0-x\r\n'));
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await ask(`http://127.0.0.1:${port}`)).toMatchObject({ healthy: false, answered: false });
  });

  it('asks IPv6 too', async () => {
    const { address } = await serve((_, response) => response.end(), '::1');
    expect(await ask(address)).toMatchObject({ healthy: true });
  });

  it('is no result when it is called off', async () => {
    const { address } = await serve(() => {});
    const end = new AbortController();
    const answer = probeHttp({ address, path: '/', timeoutMs: 5000, signal: end.signal });
    setTimeout(() => end.abort(), 20);
    expect(await answer).toBeNull();
  });

  it('is no result when this program itself was asleep', async () => {
    const { address } = await serve(() => {});
    const answer = probeHttp({ address, path: '/', timeoutMs: 50 });
    await new Promise((resolve) => setTimeout(resolve, 10));
    const until = performance.now() + 1300;
    while (performance.now() < until);
    expect(await answer).toBeNull();
  });
});

describe('who holds a port', () => {
  const linux = process.platform === 'linux';
  const question = (port: number, processId: number | null, host = '127.0.0.1') => ({
    host,
    port,
    processId,
    hostProcessId: null,
  });

  async function listener(host = '127.0.0.1', wrap = false): Promise<{ port: number; pid: number }> {
    const code = `require('node:http').createServer((q,r)=>r.end()).listen(0,'${host}',function(){console.log(this.address().port, process.pid)})`;
    const nested = `const c=require('node:child_process').spawn(process.execPath,['-e',${JSON.stringify(code)}],{stdio:['ignore','inherit','inherit']});process.on('SIGTERM',()=>{c.kill('SIGKILL');process.exit()})`;
    const child = spawn(process.execPath, ['-e', wrap ? nested : code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const [text] = (await once(child.stdout, 'data')) as [Buffer];
    const [port, inner] = text.toString().split(' ').map(Number);
    if (wrap) {
      children.pop();
      const stop = {
        kill: () => child.kill('SIGTERM'),
        once: child.once.bind(child),
        on: child.on.bind(child),
      };
      children.push(Object.assign(Object.create(child), stop) as ChildProcess);
      expect(inner).not.toBe(child.pid);
    }
    return { port: port ?? 0, pid: child.pid ?? 0 };
  }

  it.runIf(linux)('is ours when the program listens itself', async () => {
    const { port, pid } = await listener();
    const owners = createLinuxPortOwners();
    for (let n = 0; n < 2; n++) expect(await owners.ask([question(port, pid)])).toEqual([{ kind: 'ours' }]);
  });

  it.runIf(linux)('is ours when a child of it does', async () => {
    const { port, pid } = await listener('127.0.0.1', true);
    expect(await createLinuxPortOwners().ask([question(port, pid)])).toEqual([{ kind: 'ours' }]);
  });

  it.runIf(linux)('is a stranger with a name when another does', async () => {
    const { port, pid } = await listener();
    const own = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true });
    children.push(own);
    const [owner] = await createLinuxPortOwners().ask([question(port, own.pid ?? 0)]);
    expect(owner).toMatchObject({ kind: 'stranger', port });
    expect(owner?.kind === 'stranger' && owner.label).toMatch(new RegExp(`^\\S+ \\(pid ${pid}\\)$`));
    const [dead] = await createLinuxPortOwners().ask([question(port, null)]);
    expect(dead?.kind).toBe('stranger');
  });

  it.runIf(linux)('looks at the address that is asked', async () => {
    const { port, pid } = await listener('::1');
    const owners = createLinuxPortOwners();
    expect(await owners.ask([question(port, pid, '::1'), question(port, pid, '127.0.0.1')])).toEqual([
      { kind: 'ours' },
      { kind: 'unknown' },
    ]);
  });

  it.runIf(linux)('is unknown when nobody listens, and each question has its answer', async () => {
    const { port, pid } = await listener();
    const free = question(1, pid);
    expect(await createLinuxPortOwners().ask([free, question(port, pid), free])).toEqual([
      { kind: 'unknown' },
      { kind: 'ours' },
      { kind: 'unknown' },
    ]);
  });

  it('is unknown where the system cannot be asked', async () => {
    expect(await noPortOwners.ask([question(80, 1)])).toEqual([{ kind: 'unknown' }]);
  });

  it('is read from the kernel’s tables', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:1FFC 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0 0 10 0',
      '   1: 00000000:1FFC 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1 0 100 0 0 10 0',
      '   2: 0100007F:1FFC 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 333 1 0 100 0 0 10 0',
    ].join('\n');
    const six = [
      '   0: 00000000000000000000000001000000:1FFC 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 444 1',
      '   1: 0000000000000000FFFF00000100007F:1FFC 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 555 1',
      '   2: 00000000000000000000000000000000:0BB8 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 666 1',
    ].join('\n');
    const all = [...parseListeners(table), ...parseListeners(six)];
    expect(all.map(({ address, inode }) => [address, inode])).toEqual([
      ['127.0.0.1', '111'],
      ['0.0.0.0', '222'],
      ['::1', '444'],
      ['127.0.0.1', '555'],
      ['::', '666'],
    ]);
    const inodes = (host: string, port: number) => listenersFor(all, host, port).map(({ inode }) => inode);
    expect(inodes('localhost', 8188)).toEqual(['111', '555']);
    expect(inodes('::1', 8188)).toEqual(['444']);
    expect(inodes('127.0.0.1', 3000)).toEqual(['666']);
    expect(inodes('example.test', 8188)).toHaveLength(4);
  });
});

describe('disks', () => {
  it('names each volume once, also for paths that are not there yet', async () => {
    using folder = temporaryFolder();
    const deep = join(folder.path, 'not', 'there', 'yet');
    const disks = await probeDisks({ paths: [deep, folder.path, join(folder.path, 'data')], lowGb: 0 });
    expect(disks).toHaveLength(1);
    expect(disks[0]).toMatchObject({ path: folder.path, low: false });
    expect(disks[0]?.totalBytes).toBeGreaterThan(disks[0]?.freeBytes ?? 0);
  });

  it('are low below the threshold', async () => {
    using folder = temporaryFolder();
    const [disk] = await probeDisks({ paths: [folder.path], lowGb: 100_000 });
    expect(disk?.low).toBe(true);
  });

  it.runIf(process.platform === 'linux')('of another device are told apart', async () => {
    using folder = temporaryFolder();
    const disks = await probeDisks({ paths: [folder.path, '/dev/shm/x'], lowGb: 1 });
    expect(disks.map(({ path }) => path)).toEqual([folder.path, '/dev/shm']);
  });

  it('are those of every path in the manifest', () => {
    using folder = temporaryFolder();
    const manifest = testManifest(folder.path, (service) =>
      service.id === 'comfyui' ? { ...service, requires: ['/models/flux.safetensors'] } : service,
    );
    const found = manifestPaths(manifest, 'linux');
    expect(found).toContain('/models/flux.safetensors');
    expect(found).toContain(manifest.paths.data);
    expect(found).toContain(join(manifest.paths.logs, 'panel-stdout.log'));
    expect(found).not.toContain('node');
  });
});

describe('memory', () => {
  it('counts what the system could give', async () => {
    using folder = temporaryFolder();
    const meminfo = join(folder.path, 'meminfo');
    writeFileSync(meminfo, 'MemTotal:       1000 kB\nMemFree:          10 kB\nMemAvailable:    150 kB\n');
    const ask = (thresholdPercent: number) => probeMemory({ thresholdPercent, meminfo, platform: 'linux' });
    expect(await ask(80)).toEqual({
      totalBytes: 1_024_000,
      availableBytes: 153_600,
      usedPercent: 85,
      high: true,
    });
    expect(await ask(85)).toMatchObject({ high: false });
    writeFileSync(meminfo, 'nonsense');
    expect(await ask(80)).toBeNull();
  });

  it('of this machine makes sense', async () => {
    const sample = await probeMemory({ thresholdPercent: 100 });
    expect(sample?.totalBytes).toBeGreaterThan(sample?.availableBytes ?? 0);
    const elsewhere = await probeMemory({ thresholdPercent: 0, platform: 'darwin' });
    expect(elsewhere).toMatchObject({ high: true });
  });
});

describe('the queue of ComfyUI', () => {
  const queue = (running: unknown[], pending: unknown[]) =>
    JSON.stringify({ queue_running: running, queue_pending: pending });

  it.each([
    ['idle', queue([], []), { running: false, mark: '|' }],
    [
      'busy',
      queue(
        [[1, 'a', {}, {}, []]],
        [
          [2, 'b'],
          [3, 'c'],
        ],
      ),
      { running: true, mark: 'a|b,c' },
    ],
    ['of another shape', '{"queue_running": 3}', null],
    ['not JSON', 'oops', null],
  ])('%s', async (_, body, expected) => {
    const { address } = await serve((_request, response) => response.end(body));
    expect(await probeComfyQueue({ address, timeoutMs: 1000 })).toEqual(expected);
  });

  it('is no result when it does not answer', async () => {
    const { address, server } = await serve(() => {});
    expect(await probeComfyQueue({ address, timeoutMs: 100 })).toBeNull();
    server.close();
    server.closeAllConnections();
    expect(await probeComfyQueue({ address, timeoutMs: 100 })).toBeNull();
  });
});
