import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { causeClass } from '../../../web/server/metrics/causes.ts';
import { methodLabel } from '../../../web/server/metrics/labels.ts';
import { createRecorder } from '../../../web/server/metrics/recorder.ts';
import { freePort } from '../../freePort.ts';
import { until } from '../../until.ts';
import { ask, openEvents, startTestPanel } from './panelUnderTest.ts';
import { scenes } from './scenes.ts';

const prometheus = '/usr/bin/prometheus';
const promtool = '/usr/bin/promtool';
const missing = !existsSync(prometheus) || !existsSync(promtool);
if (missing && process.env['CI'] === 'true')
  throw new Error('Prometheus is missing, and with CI=true that is a failure.');

/** Lines of one metric, without those that only describe it. */
const series = (text: string, name: string) =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

describe('metrics', () => {
  test('count requests by method, pattern and status, from the first one on', async () => {
    const { port } = await startTestPanel();
    await ask(port, '/api/health');
    await ask(port, '/api/system/comfy/status');
    await ask(port, '/api/system/panel/status');
    await ask(port, '/');
    await ask(port, '/scripts/home.js');
    await ask(port, '/no/such/page');
    await ask(port, '/api/nothing');
    await ask(port, '/api/status', { method: 'DELETE' });
    await ask(port, '/', { headers: { host: 'evil.example' } });
    const answer = await ask(port, '/api/metrics');
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    const counted = series(answer.text, 'orchestrator_http_requests_total');
    expect(counted).toEqual(
      expect.arrayContaining([
        'orchestrator_http_requests_total{method="GET",route="/api/health",status="200"} 1',
        'orchestrator_http_requests_total{method="GET",route="/api/system/{id}/status",status="200"} 2',
        'orchestrator_http_requests_total{method="GET",route="(page)",status="200"} 1',
        'orchestrator_http_requests_total{method="GET",route="(file)",status="200"} 1',
        'orchestrator_http_requests_total{method="GET",route="(none)",status="404"} 2',
        'orchestrator_http_requests_total{method="DELETE",route="/api/status",status="405"} 1',
        'orchestrator_http_requests_total{method="GET",route="(none)",status="403"} 1',
      ]),
    );
    expect(answer.text).toMatch(/http_request_duration_seconds_bucket\{le="0\.005",.*route="\/api\/health"/);
    for (const name of [
      'orchestrator_process_cpu_seconds_total',
      'orchestrator_nodejs_eventloop_lag_seconds',
      'orchestrator_nodejs_eventloop_utilization_ratio',
    ])
      expect(series(answer.text, name).length, name).toBe(1);
    // These would need a timer that wakes the panel many times a second.
    expect(answer.text).not.toMatch(/eventloop_lag_(?:min|max|mean|stddev|p\d+)_/);
  });

  test('show what the guardian sees, and forget what is gone', async () => {
    const { port, folder } = await startTestPanel({ scene: 'failed' });
    const { text } = await ask(port, '/api/metrics');
    expect(series(text, 'orchestrator_service_up')).toEqual([
      'orchestrator_service_up{service="panel"} 1',
      'orchestrator_service_up{service="comfyui"} 0',
      'orchestrator_service_up{service="guardian"} 1',
    ]);
    expect(text).toContain('orchestrator_service_health{service="comfyui",health="exhausted"} 1');
    expect(text).toContain('orchestrator_service_restarts{service="comfyui",cause="exited"} 3');
    expect(text).toContain('orchestrator_service_latency_seconds{service="panel"} 0.0014');
    expect(text).toMatch(/orchestrator_disk_free_bytes\{path="\/"\} 66\d{8}/);
    expect(text).toMatch(/orchestrator_guardian_heartbeat_age_seconds \d/);
    expect(text).toContain('orchestrator_comfy_reachable 0');
    await scenes.healthy?.(folder);
    await until('the disk to go', async () => !(await ask(port, '/api/metrics')).text.includes('path="/"'));
  });

  test('count a stream when it begins, and leave its length out of the durations', async () => {
    const { port } = await startTestPanel();
    const stream = await openEvents(port);
    await stream.next('status');
    const log = await openEvents(port, { accept: 'text/event-stream' }, '/api/logs/comfyui');
    await log.next('hello');
    const comfy = await openEvents(port, {}, '/api/comfy/events');
    await comfy.next('disconnected');
    const counted = (text: string) =>
      ['/api/events', '/api/logs/{id}', '/api/comfy/events'].map((route) =>
        text.includes(`requests_total{method="GET",route="${route}",status="200"} 1\n`),
      );
    const during = (await ask(port, '/api/metrics')).text;
    expect(during).toContain('orchestrator_open_streams 3');
    expect(counted(during)).toEqual([true, true, true]);
    for (const each of [stream, log, comfy]) each.close();
    const text = await until('the streams to end', async () => {
      const answer = await ask(port, '/api/metrics');
      return answer.text.includes('orchestrator_open_streams 0') ? answer.text : null;
    });
    expect(counted(text)).toEqual([true, true, true]);
    expect(text).not.toMatch(/duration_seconds_count\{.*(?:events|\/api\/logs)/);
  });

  test('ten thousand random addresses and methods make no more than a few series', async () => {
    const { panel, port } = await startTestPanel();
    const before = (await ask(port, '/api/metrics')).text;
    const { Agent, request } = await import('node:http');
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    onTestFinished(() => agent.destroy());
    const send = (path: string, method: string) =>
      new Promise<void>((resolve) => {
        const outgoing = request(
          { agent, host: '127.0.0.1', port, path, method, headers: { host: `localhost:${port}` } },
          (response) => {
            response.resume();
            response.once('close', resolve);
          },
        );
        outgoing.once('error', () => resolve());
        outgoing.end();
      });
    const methods = ['GET', 'GET', 'GET', 'GET', 'HEAD', 'POST', 'DELETE', 'PROPFIND', 'LOCK'];
    const paths = fc.sample(
      fc.oneof(
        fc.webPath({ size: 'small' }),
        fc.nat().map((id) => `/api/system/${id}/status`),
        fc.nat().map((id) => `/api/logs/${id}`),
        fc.nat().map((id) => `/api/comfy/view/${id}`),
        fc.nat().map((id) => `/api/comfy/history/${id}`),
        fc.nat().map((id) => `/api/comfy/view?filename=${id}`),
        fc.nat().map((id) => `/${id}`),
      ),
      { numRuns: 10_000, seed: 20261127 },
    );
    for (let at = 0; at < paths.length; at += 200) {
      const some = paths.slice(at, at + 200);
      await Promise.all(
        some.map((path, index) => send(path || '/', methods[index % methods.length] ?? 'GET')),
      );
    }
    const after = (await ask(port, '/api/metrics')).text;
    const requests = series(after, 'orchestrator_http_requests_total');
    expect(requests.length).toBeGreaterThan(10);
    expect(requests.length).toBeLessThanOrEqual(60);
    const routes = [...panel.routes.map(({ pattern }) => pattern), '(page)', '(file)', '(none)'];
    const labels = (name: string) =>
      [...after.matchAll(new RegExp(`[{,]${name}="([^"]*)"`, 'g'))].map(([, value]) => value ?? '');
    expect(routes).toEqual(expect.arrayContaining(labels('route')));
    expect(['GET', 'HEAD', 'POST', 'DELETE', 'other']).toEqual(expect.arrayContaining(labels('method')));
    const endpoints = [...new Set(labels('endpoint'))];
    expect(endpoints.sort()).toEqual(['history/{id}', 'view']);
    // Each series of durations is 17 lines.
    expect(after.split('\n').length - before.split('\n').length).toBeLessThan(60 * 18 + 40);
  }, 60_000);

  test('labels of methods and causes are of a fixed set', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other']).toContain(
          methodLabel(text),
        );
        expect(['port', 'silent', 'start', 'killed', 'exited', 'host', 'answers', 'other']).toContain(
          causeClass(text),
        );
      }),
    );
    expect(causeClass('exited with code 137 (killed by SIGKILL)')).toBe('killed');
    expect(causeClass('no answer for 45 s')).toBe('silent');
    expect(causeClass('port 8188 is held by nginx (pid 7)')).toBe('port');
  });

  test('what was told before the library came is not lost', async () => {
    const recorder = createRecorder();
    for (let count = 0; count < 3; count += 1)
      recorder.request({ method: 'GET', route: '/api/health', status: 200, seconds: 0.01 });
    recorder.comfyCall('prompt', 0);
    const text = await (await recorder.registry()).metrics();
    expect(text).toContain(
      'orchestrator_http_requests_total{method="GET",route="/api/health",status="200"} 3',
    );
    expect(text).toContain('orchestrator_comfy_api_calls_total{endpoint="prompt",status="none"} 1');
  });
});

describe.skipIf(missing)('Prometheus itself', () => {
  test('finds nothing to complain of', async () => {
    const { port } = await startTestPanel({ scene: 'failed' });
    await ask(port, '/api/health');
    const { text } = await ask(port, '/api/metrics');
    const said = execFileSync(promtool, ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect(said).toBe('');
  });

  test('scrapes a panel with its read token, and answers the query for the p95', async () => {
    const token = 'read-token-of-prometheus';
    const { port } = await startTestPanel({
      env: { ORCHESTRATOR_TOKEN: 'operator-token-of-a-test', ORCHESTRATOR_READ_TOKEN: token },
    });
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-prometheus-'));
    const own = await freePort();
    await writeFile(join(folder, 'token'), token);
    await writeFile(
      join(folder, 'prometheus.yml'),
      `scrape_configs:
  - job_name: orchestrator-adminpanel
    scrape_interval: 1s
    metrics_path: /api/metrics
    authorization: { credentials_file: ${join(folder, 'token')} }
    static_configs: [{ targets: ['localhost:${port}'] }]
`,
    );
    const child = spawn(
      prometheus,
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${own}`,
      ],
      { stdio: 'ignore' },
    );
    onTestFinished(async () => {
      const gone = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await gone;
      await rm(folder, { recursive: true, force: true });
    });
    const query = async (text: string) => {
      const response = await fetch(`http://127.0.0.1:${own}/api/v1/query?query=${encodeURIComponent(text)}`);
      const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
      return data.result.map(({ value }) => Number(value[1]));
    };
    const up = await until('a scrape', () =>
      query('up{job="orchestrator-adminpanel"} == 1')
        .catch(() => [])
        .then(([value]) => value),
    );
    expect(up).toBe(1);
    expect(await query('sum(orchestrator_service_up)')).toEqual([3]);
    const headers = { authorization: `Bearer ${token}` };
    const p95 =
      'histogram_quantile(0.95, sum by (le, route) (rate(orchestrator_http_request_duration_seconds_bucket{route="/api/status"}[1m])))';
    const [seconds = 0] = await until('the p95', async () => {
      await ask(port, '/api/status', { headers });
      const found = await query(p95);
      return found.some((value) => value > 0) ? found : null;
    });
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(1);
  }, 60_000);
});
