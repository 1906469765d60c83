import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { findChromium, launchOptions } from '../../chromium.ts';

export const hasBrowser = findChromium() !== null;

if (!hasBrowser) {
  if (process.env['CI'] === 'true')
    throw new Error('Chromium is missing, and with CI=true that is a failure.');
  console.warn('Skipped: the tests of the pages need Chromium (apt-get install chromium, or set CHROMIUM).');
}

export type Open = (port: number, options?: { path?: string } & BrowserContextOptions) => Promise<Page>;

/** One browser for the tests of a block. A page fails its test when the browser complains, for example about the CSP. */
export function useBrowser(): Open {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch(launchOptions());
  });
  afterAll(() => browser?.close());

  return async (port, { path = '/', ...options } = {}) => {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-US',
      ...options,
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      // The browser tells of every failed request and of the server's going; those are asked for here.
      if (message.type() === 'error' && !/Failed to load resource|ERR_/.test(message.text()))
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    onTestFinished(async () => {
      await context.close();
      expect(complaints).toEqual([]);
    });
    await page.goto(`http://localhost:${port}${path}`);
    return page;
  };
}

/** Sizes of the scripts that a page has loaded so far, in bytes as they came over the network, by file name. */
export async function scriptSizes(page: Page): Promise<Record<string, number>> {
  const found = await page.evaluate(() =>
    (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
      .filter(({ name }) => /\.js(\?|$)/.test(name))
      .map(({ name, encodedBodySize }) => [name.replace(/^.*\//, ''), encodedBodySize] as const),
  );
  return Object.fromEntries(found);
}
