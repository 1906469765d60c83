import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type AuditEntry, auditSchema } from '../../../core/contract/audit.ts';
import { createLogger } from '../../../core/logger.ts';
import { createAuditLog } from '../../../web/server/audit/log.ts';
import { until } from '../../until.ts';
import { ask, startTestPanel } from './panelUnderTest.ts';
import { createStateFolder } from './stateFolder.ts';

const env = { ORCHESTRATOR_TOKEN: 'token-of-an-operator', ORCHESTRATOR_READ_TOKEN: 'token-of-a-reader' };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function entriesOf(
  port: number,
  headers: Record<string, string>,
  count: number,
): Promise<AuditEntry[]> {
  return until('the audit log', async () => {
    const { entries } = auditSchema.parse((await ask(port, '/api/audit', { headers })).json());
    return entries.length >= count ? entries : null;
  });
}

describe('the audit log', () => {
  test('has every action, who asked for it and what came of it, refused ones too', async () => {
    const { port, folder } = await startTestPanel({ env });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    await ask(port, '/api/status', { headers: bearer(env.ORCHESTRATOR_TOKEN) });
    await ask(port, '/api/system/nobody/stop', { method: 'POST', headers: bearer(env.ORCHESTRATOR_TOKEN) });
    await ask(port, '/api/system/comfyui/stop', {
      method: 'POST',
      headers: bearer(env.ORCHESTRATOR_READ_TOKEN),
    });
    await ask(port, '/api/system/comfyui/stop', { method: 'POST', headers: bearer('guess') });
    const signedIn = await ask(port, '/sign-in', {
      method: 'POST',
      headers: form,
      body: `token=${env.ORCHESTRATOR_TOKEN}`,
    });
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
    const refused = await ask(port, '/api/system/ignite', {
      method: 'POST',
      headers: { cookie },
      body: '{"wait":7}',
    });
    const entries = await entriesOf(port, bearer(env.ORCHESTRATOR_TOKEN), 5);
    expect(entries.map(({ action, status, code, who }) => [action, status, code, who.role, who.by])).toEqual([
      ['POST /api/system/ignite', 400, 'ORC4005', 'operator', 'session'],
      ['POST /sign-in', 303, null, 'nobody', 'none'],
      ['POST /api/system/{id}/{action}', 401, 'ORC4006', 'nobody', 'none'],
      ['POST /api/system/{id}/{action}', 403, 'ORC4009', 'reader', 'token'],
      ['POST /api/system/{id}/{action}', 404, 'ORC2001', 'operator', 'token'],
    ]);
    expect(entries[0]?.requestId).toBe(refused.headers['x-request-id']);
    expect(entries[0]?.who.session).toMatch(/^[0-9a-f]{8}$/);
    expect(entries[2]?.target).toEqual({ id: 'comfyui', action: 'stop' });
    const [file = ''] = await readdir(join(folder.dataDir, 'audit'));
    const text = await readFile(join(folder.dataDir, 'audit', file), 'utf8');
    for (const secret of [...Object.values(env), 'guess', '127.0.0.1', cookie.split('=')[1] ?? '-'])
      expect(text).not.toContain(secret);
    if (process.platform !== 'win32')
      expect((await stat(join(folder.dataDir, 'audit', file))).mode & 0o777).toBe(0o600);
  });

  test('is for operators', async () => {
    const { port } = await startTestPanel({ env });
    const reply = await ask(port, '/api/audit', { headers: bearer(env.ORCHESTRATOR_READ_TOKEN) });
    expect(reply.status).toBe(403);
    expect(reply.json()).toMatchObject({ code: 'ORC4009' });
  });

  test('gives way to new files, keeps the newest, and passes over a line that was cut off', async () => {
    const { dataDir } = await createStateFolder();
    const folder = join(dataDir, 'audit');
    const audit = createAuditLog({
      folder,
      logger: createLogger({ name: 'test', level: 'silent' }),
      size: '1K',
      files: 3,
    });
    const entry = (requestId: string): AuditEntry => ({
      at: new Date().toISOString(),
      requestId,
      who: { role: 'operator', by: 'local', session: null },
      action: 'POST /api/system/ignite',
      target: {},
      status: 200,
      code: null,
      ms: 1,
    });
    for (let count = 0; count < 60; count += 1) await audit.add(entry(`r${count}`));
    await until(
      'the old files to go',
      async () => (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).length <= 4,
    );
    const newest = await audit.newest(10);
    expect(newest.map(({ requestId }) => requestId)).toEqual(
      Array.from({ length: 10 }, (_, index) => `r${59 - index}`),
    );
    audit.close();
    await writeFile(join(folder, 'audit.jsonl'), `${JSON.stringify(entry('whole'))}\n{"at":"2026`);
    expect((await audit.newest(1))[0]?.requestId).toBe('whole');
  });

  test('that cannot be written is told, and fails no action', async () => {
    const { dataDir } = await createStateFolder();
    await writeFile(join(dataDir, 'audit'), 'a file where the folder should be');
    await mkdir(join(dataDir, 'other'));
    await chmod(join(dataDir, 'other'), 0o500);
    const told: unknown[] = [];
    const logger = {
      ...createLogger({ name: 'test', level: 'silent' }),
      error: (fields: unknown) => told.push(fields),
    };
    const audit = createAuditLog({ folder: join(dataDir, 'audit'), logger: logger as never });
    await audit.add({} as AuditEntry);
    expect(told.length).toBe(1);
    expect(await audit.newest(5)).toEqual([]);
  });
});
