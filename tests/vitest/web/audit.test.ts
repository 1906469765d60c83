import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
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

const entry = (requestId: string, role: AuditEntry['who']['role'] = 'operator'): AuditEntry => ({
  at: new Date().toISOString(),
  requestId,
  who: { role, by: role === 'nobody' ? 'none' : 'local', session: null },
  action: 'POST /api/system/ignite',
  target: {},
  status: 200,
  code: null,
  ms: 1,
});

/** A logger that keeps what it is told of troubles. */
function listening() {
  const told: { err: Error }[] = [];
  const error = (fields: { err: Error }) => told.push(fields);
  return { told, logger: { ...createLogger({ name: 'test', level: 'silent' }), error } as never };
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
    await ask(port, '/sign-in', { method: 'POST', headers: form, body: 'token=guess' });
    await ask(port, '/api/system/ignite', { method: 'POST', headers: { origin: 'http://evil.example' } });
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
    await ask(port, '/sign-out', { method: 'POST', headers: { cookie } });
    const entries = await entriesOf(port, bearer(env.ORCHESTRATOR_TOKEN), 8);
    expect(entries.map(({ action, status, code, who }) => [action, status, code, who.role, who.by])).toEqual([
      ['POST /sign-out', 303, null, 'operator', 'session'],
      ['POST /api/system/ignite', 400, 'ORC4005', 'operator', 'session'],
      ['POST /sign-in', 303, null, 'operator', 'token'],
      ['POST /api/system/ignite', 403, 'ORC4001', 'nobody', 'none'],
      ['POST /sign-in', 303, 'ORC4006', 'nobody', 'none'],
      ['POST /api/system/{id}/{action}', 401, 'ORC4006', 'nobody', 'none'],
      ['POST /api/system/{id}/{action}', 403, 'ORC4009', 'reader', 'token'],
      ['POST /api/system/{id}/{action}', 404, 'ORC2001', 'operator', 'token'],
    ]);
    expect(entries[1]?.requestId).toBe(refused.headers['x-request-id']);
    // What a session did leads back to its sign-in.
    expect(entries[2]?.who.session).toMatch(/^[0-9a-f]{8}$/);
    expect(entries.slice(0, 2).map(({ who }) => who.session)).toEqual(Array(2).fill(entries[2]?.who.session));
    expect(entries[5]?.target).toEqual({ id: 'comfyui', action: 'stop' });
    const kept = join(folder.dataDir, 'audit');
    const files = (await readdir(kept)).filter((name) => name.endsWith('.jsonl'));
    expect(files.sort()).toEqual(['audit.jsonl', 'refused.jsonl']);
    const texts = await Promise.all(files.map((name) => readFile(join(kept, name), 'utf8')));
    const text = texts.join('');
    for (const secret of [...Object.values(env), 'guess', '127.0.0.1', cookie.split('=')[1] ?? '-'])
      expect(text).not.toContain(secret);
    if (process.platform === 'win32') return;
    expect((await stat(kept)).mode & 0o777).toBe(0o700);
    for (const name of files) expect((await stat(join(kept, name))).mode & 0o777).toBe(0o600);
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
    for (let count = 0; count < 60; count += 1) await audit.add(entry(`r${count}`));
    await until(
      'the old files to go',
      async () => (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).length <= 4,
    );
    const newest = await audit.newest(10);
    expect(newest.map(({ requestId }) => requestId)).toEqual(
      Array.from({ length: 10 }, (_, index) => `r${59 - index}`),
    );
    await audit.close();
    await writeFile(join(folder, 'audit.jsonl'), `${JSON.stringify(entry('whole'))}\n{"at":"2026`);
    expect((await audit.newest(1))[0]?.requestId).toBe('whole');
  });

  test('keeps what operators did, however many are refused', async () => {
    const { dataDir } = await createStateFolder();
    const { told, logger } = listening();
    const audit = createAuditLog({ folder: join(dataDir, 'audit'), logger, size: '1K', files: 3 });
    await audit.add(entry('action'));
    for (let count = 0; count < 200; count += 1) await audit.add(entry(`guess ${count}`, 'nobody'));
    const newest = await audit.newest(1000);
    expect(newest.at(-1)?.requestId).toBe('action');
    expect(newest[0]?.requestId).toBe('guess 199');
    expect(newest.length).toBeLessThan(60);
    expect(told).toEqual([]);
    await audit.close();
  });

  test('has what was still being done when the panel stopped', async () => {
    let asked = () => {};
    const reached = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { panel, port, folder } = await startTestPanel({
      answer: () => {
        asked();
        return new Promise(() => {});
      },
    });
    const cut = ask(port, '/api/system/comfyui/stop', { method: 'POST' }).catch((error: Error) => error);
    await reached;
    await panel.close();
    expect(await cut).toBeInstanceOf(Error);
    const text = await readFile(join(folder.dataDir, 'audit', 'audit.jsonl'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ target: { id: 'comfyui', action: 'stop' } });
  });

  test('has long names cut short', async () => {
    const { port } = await startTestPanel();
    await ask(port, `/api/system/${'x'.repeat(5000)}/stop`, { method: 'POST' });
    const [found] = await entriesOf(port, {}, 1);
    expect(found?.target['id']).toHaveLength(100);
  });

  test('loses the rest when the disk takes nothing, and says so', async () => {
    const { dataDir } = await createStateFolder();
    const { told, logger } = listening();
    const audit = createAuditLog({ folder: join(dataDir, 'audit'), logger });
    await Promise.all(Array.from({ length: 1005 }, (_, index) => audit.add(entry(`r${index}`))));
    expect(told.map(({ err }) => err.message)).toEqual(Array(5).fill('1000 entries wait to be written'));
    expect(await audit.newest(1)).toMatchObject([{ requestId: 'r999' }]);
    await audit.close();
  });

  test('that cannot be opened is told each time, fails no action, and goes on when it can', async () => {
    const { dataDir } = await createStateFolder();
    const { told, logger } = listening();
    const folder = join(dataDir, 'audit');
    // A folder where the file should be: not even the superuser writes there.
    await mkdir(join(folder, 'audit.jsonl'), { recursive: true });
    const audit = createAuditLog({ folder, logger });
    await audit.add(entry('lost'));
    await audit.add(entry('lost too'));
    expect(told.length).toBe(2);
    await rm(join(folder, 'audit.jsonl'), { recursive: true });
    await audit.add(entry('kept'));
    expect(await audit.newest(5)).toMatchObject([{ requestId: 'kept' }]);
    await audit.close();
  });

  test('that cannot be written is told, and fails no action', async () => {
    const { dataDir } = await createStateFolder();
    await writeFile(join(dataDir, 'audit'), 'a file where the folder should be');
    const { told, logger } = listening();
    const audit = createAuditLog({ folder: join(dataDir, 'audit'), logger });
    await audit.add(entry('lost'));
    expect(told.length).toBe(1);
    expect(await audit.newest(5)).toEqual([]);
  });
});
