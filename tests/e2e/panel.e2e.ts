import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchOptions } from '../chromium.ts';
import { root, Stack } from './stack.ts';

const missing = (process.env['ORCHESTRATOR_MISSING'] ?? '').split(',').includes('chromium');

describe.skipIf(missing)('the panel in a real browser', () => {
  let stack: Stack;
  let browser: Browser;

  beforeAll(async () => {
    stack = await Stack.create({ folder: 'panel' });
    await stack.install();
    await stack.healthy('comfyui');
    browser = await chromium.launch(launchOptions());
  });

  afterAll(async () => {
    await browser?.close();
    await stack?.close();
  });

  test('a card turns red and green again without a reload', async () => {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.goto(`http://localhost:${stack.service('panel').port}/`);
    await page.evaluate(() => {
      (globalThis as { sameDocument?: boolean }).sameDocument = true;
    });
    const card = page.locator('[data-service="comfyui"]');
    await card.and(page.locator('[data-health="healthy"]')).waitFor();
    process.kill(stack.pid('comfyui'), 'SIGSTOP');
    await card.and(page.locator(':not([data-health="healthy"])')).waitFor({ timeout: 20_000 });
    await card.and(page.locator('[data-health="healthy"]')).waitFor({ timeout: 30_000 });
    expect(await page.evaluate(() => (globalThis as { sameDocument?: boolean }).sameDocument)).toBe(true);
    expect(faults).toEqual([]);
  });

  test('a service dies and the page tells it within three seconds, on both pages', async () => {
    const { port } = stack.service('panel');
    const pages = await Promise.all(
      ['/', '/diagnostics'].map(async (path) => {
        const page = await browser.newPage();
        await page.goto(`http://localhost:${port}${path}`);
        await page.locator('[data-service="comfyui"][data-health="healthy"]').waitFor({ timeout: 20_000 });
        return page;
      }),
    );
    process.kill(stack.pid('comfyui'), 'SIGKILL');
    await Promise.all(
      pages.map((page) =>
        page.locator('[data-service="comfyui"]:not([data-health="healthy"])').waitFor({ timeout: 3000 }),
      ),
    );
    for (const page of pages) {
      await page.locator('[data-service="comfyui"][data-health="healthy"]').waitFor({ timeout: 30_000 });
      await page.close();
    }
  });

  test('logs of the real programs flow, and the page recovers by itself when the panel restarts', async () => {
    const page = await browser.newPage();
    await page.goto(`http://localhost:${stack.service('panel').port}/diagnostics`);
    await page.locator('.log-row').getByText('To see the GUI go to').last().waitFor();
    await page.locator('#log-filter').fill('panel listens');
    await page.locator('.log-row').getByText('panel listens').last().waitFor();
    await page.evaluate(() => {
      (globalThis as { sameDocument?: boolean }).sameDocument = true;
    });
    const before = await page.locator('tr[data-service="panel"] [data-column="process"]').textContent();
    await stack.objects('Restart-Orchestrator panel -Wait');
    await page.locator('#connection').waitFor({ state: 'hidden', timeout: 15_000 });
    await page.waitForFunction(
      (old) =>
        document.querySelector('tr[data-service="panel"] [data-column="process"]')?.textContent !== old,
      before,
      { timeout: 15_000 },
    );
    await page.locator('.log-row').nth(1).waitFor({ timeout: 10_000 });
    expect(await page.evaluate(() => (globalThis as { sameDocument?: boolean }).sameDocument)).toBe(true);
    await page.close();
  });

  test('by keyboard alone: to the diagnostics, through the logs, and a service stopped and started', async () => {
    const page = await browser.newPage();
    await page.goto(`http://localhost:${stack.service('panel').port}/`);
    await page.locator('[data-service="comfyui"][data-health="healthy"]').waitFor({ timeout: 20_000 });
    const focusOn = async (selector: string) => {
      for (let step = 0; step < 60; step += 1) {
        await page.keyboard.press('Tab');
        if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
      }
      throw new Error(`no way by Tab to ${selector}`);
    };
    await focusOn('[data-service="comfyui"] [data-action="stop"]');
    await page.keyboard.press('Enter');
    await page.locator('[data-service="comfyui"][data-health="stopped"]').waitFor({ timeout: 20_000 });
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.locator('[data-service="comfyui"][data-health="healthy"]').waitFor({ timeout: 30_000 });
    await page.reload();
    await focusOn('a[href="/diagnostics"]');
    await page.keyboard.press('Enter');
    await page.locator('tr[data-health]').first().waitFor();
    await focusOn('.log-scroller');
    await page.keyboard.press('/');
    await page.keyboard.type('GUI');
    await page.locator('.log-row mark').first().waitFor();
    await page.close();
  });

  test('passes the smoke test, and metrics and the way to ComfyUI are among what it sees', async () => {
    const { port } = stack.service('panel');
    const folder = join(stack.manifest.paths.data, 'smoke');
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(root, 'tests', 'smoke', 'main.ts'), '--url', `http://localhost:${port}`, '--report', folder],
      { encoding: 'utf8' },
    );
    expect(stdout).toContain('0 failed');
    expect(status).toBe(0);
    const comfy = await (await fetch(`http://localhost:${port}/api/comfy/status`)).json();
    expect(comfy).toMatchObject({ reachable: true, mode: 'demo' });
  });

  test('stop and start by the buttons', async () => {
    const page = await browser.newPage();
    await page.goto(`http://localhost:${stack.service('panel').port}/`);
    const card = page.locator('[data-service="comfyui"]');
    await card.and(page.locator('[data-health="healthy"]')).waitFor();
    await card.locator('[data-action="stop"]').click();
    await card.and(page.locator('[data-health="stopped"]')).waitFor({ timeout: 20_000 });
    await card.locator('[data-action="start"]').click();
    await card.and(page.locator('[data-health="healthy"]')).waitFor({ timeout: 30_000 });
  });

  test('localhost answers over IPv4 and IPv6, and a foreign Host is refused on every path', async () => {
    const { port } = stack.service('panel');
    for (const host of ['127.0.0.1', '[::1]'])
      expect((await fetch(`http://${host}:${port}/api/health`)).status).toBe(200);
    const { request } = await import('node:http');
    for (const path of ['/', '/api/health', '/api/status', '/favicon.svg']) {
      const status = await new Promise<number | undefined>((resolve, reject) => {
        request(
          { host: '127.0.0.1', port: port ?? 0, path, headers: { host: 'evil.example' } },
          (response) => {
            response.resume();
            resolve(response.statusCode);
          },
        )
          .on('error', reject)
          .end();
      });
      expect([path, status]).toEqual([path, 403]);
    }
  });
});
