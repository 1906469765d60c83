import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { launchOptions } from '../chromium.ts';
import { setStage } from './stage.ts';

// node tests/screenshots/main.ts [FOLDER]: every page, dark and light, on a phone and on a desktop.
const folder = resolve(process.argv[2] ?? 'docs/screenshots');
const pages = { services: '/', diagnostics: '/diagnostics', 'sign-in': '/sign-in' } as const;
const devices = {
  desktop: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
} as const;
const themes = ['light', 'dark'] as const;

async function shoot(browser: Browser, address: string): Promise<string[]> {
  const made: string[] = [];
  for (const [device, shape] of Object.entries(devices)) {
    for (const colorScheme of themes) {
      const context = await browser.newContext({
        ...shape,
        colorScheme,
        locale: 'en-US',
        reducedMotion: 'reduce',
      });
      for (const [name, path] of Object.entries(pages)) {
        const page = await context.newPage();
        await page.goto(address + path);
        if (name !== 'sign-in') await page.locator('[data-health]').first().waitFor();
        await settle(page);
        const file = join(folder, `${name}-${device}-${colorScheme}.png`);
        await page.screenshot({ path: file, fullPage: true, scale: 'css' });
        made.push(file);
        await page.close();
      }
      await context.close();
    }
  }
  return made;
}

/** Charts are drawn when they come into view; and what machine took the pictures is nobody's business. */
async function settle(page: Page): Promise<void> {
  for (const chart of await page.locator('#charts figure').all()) {
    await chart.scrollIntoViewIfNeeded();
    await page.waitForTimeout(300);
  }
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(1500);
  await page.evaluate(() => {
    const system = document.querySelector('#host-facts dd');
    if (system) system.textContent = 'gpu-box';
  });
}

if (!existsSync('dist/panel/main.js')) throw new Error('Build first: npm run build');
await mkdir(folder, { recursive: true });
const stage = await setStage('healthy');
const browser = await chromium.launch(launchOptions());
try {
  for (const file of await shoot(browser, stage.address)) console.log(file);
} finally {
  await browser.close();
  await stage.close();
}
