import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Stack } from './stack.ts';

const missing = (process.env['ORCHESTRATOR_MISSING'] ?? '').split(',').includes('chromium');

describe.skipIf(missing)('the panel in a real browser', () => {
  let stack: Stack;
  let browser: Browser;

  beforeAll(async () => {
    stack = await Stack.create({ folder: 'panel' });
    await stack.install();
    await stack.healthy('comfyui');
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
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
