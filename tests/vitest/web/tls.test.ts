import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Manifest } from '../../../core/contract/manifest.ts';
import { startTestPanel } from './panelUnderTest.ts';

async function makeCertificate(): Promise<{ folder: string; certFile: string; keyFile: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'orchestrator-tls-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-keyout',
      keyFile,
      '-out',
      certFile,
    ],
    { stdio: 'ignore' },
  );
  return { folder, certFile, keyFile };
}

const withTls = (tls: Manifest['panel']['tls']) => (manifest: Manifest) => ({
  ...manifest,
  panel: { ...manifest.panel, tls },
});

/** One request that trusts whatever certificate it is shown. */
function askSecurely(
  port: number,
  path: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]> }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        headers: { host: `localhost:${port}`, ...headers },
        rejectUnauthorized: false,
      },
      (response) => {
        response.resume();
        response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

describe('TLS', () => {
  test('answers with the certificate of the manifest, and its cookie is for secure lines only', async () => {
    const { certFile, keyFile } = await makeCertificate();
    const { panel, port } = await startTestPanel({
      change: withTls({ certFile, keyFile }),
      env: { ORCHESTRATOR_TOKEN: 'token-of-an-operator' },
    });
    expect(panel.address).toBe(`https://localhost:${port}`);
    const health = await askSecurely(port, '/api/health');
    expect(health.status).toBe(200);
    // It would bind the whole host name, and lock people out of one with a certificate made at home.
    expect(health.headers['strict-transport-security']).toBeUndefined();
    const signedIn = await askSecurely(port, '/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: `https://localhost:${port}` },
      body: 'token=token-of-an-operator',
    });
    expect(String(signedIn.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict; Secure$/);
    await expect(fetch(`http://127.0.0.1:${port}/api/health`)).rejects.toThrow();
  });

  test('a file that is not there, and one that is no certificate, are one clear error at the start', async () => {
    const { folder, certFile, keyFile } = await makeCertificate();
    const missing = startTestPanel({ change: withTls({ certFile: join(folder, 'none.pem'), keyFile }) });
    await expect(missing).rejects.toMatchObject({
      code: 'ORC4011',
      message: expect.stringContaining('none.pem: ENOENT'),
    });
    const unreadable = startTestPanel({ change: withTls({ certFile, keyFile: folder }) });
    await expect(unreadable).rejects.toMatchObject({
      code: 'ORC4011',
      message: expect.stringContaining('EISDIR'),
    });
    await writeFile(join(folder, 'text.pem'), 'no certificate');
    const wrong = startTestPanel({ change: withTls({ certFile: join(folder, 'text.pem'), keyFile }) });
    await expect(wrong).rejects.toMatchObject({ code: 'ORC4011' });
    const other = await makeCertificate();
    const strangers = startTestPanel({ change: withTls({ certFile, keyFile: other.keyFile }) });
    await expect(strangers).rejects.toMatchObject({ code: 'ORC4011' });
  });
});

test('beyond this machine a short token is refused', async () => {
  const change = (manifest: Manifest) => ({
    ...manifest,
    services: manifest.services.map((service) =>
      service.id === 'panel' ? { ...service, host: '0.0.0.0' } : service,
    ),
  });
  const short = startTestPanel({ change, env: { ORCHESTRATOR_TOKEN: 'short' } });
  await expect(short).rejects.toMatchObject({
    code: 'ORC4012',
    message: expect.stringContaining('has 5 characters'),
  });
  const reader = startTestPanel({
    change,
    env: { ORCHESTRATOR_TOKEN: 'long-enough-for-this', ORCHESTRATOR_READ_TOKEN: 'short' },
  });
  await expect(reader).rejects.toMatchObject({
    code: 'ORC4012',
    message: expect.not.stringContaining('long-enough'),
  });
});
