import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { systemStatusSchema } from '../../core/status/picture.ts';
import { seriousFaults } from '../axe.ts';

export interface Outcome {
  readonly name: string;
  /** What is wrong, one line each; empty when all is well. */
  readonly faults: readonly string[];
  readonly ms: number;
  /** File name of the picture beside the report. */
  readonly picture: string | null;
}

export interface Target {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string | null;
}

export const devices: Readonly<Record<string, BrowserContextOptions>> = {
  desktop: { viewport: { width: 1440, height: 900 } },
  tablet: { viewport: { width: 820, height: 1180 }, hasTouch: true },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};

export const pages = ['/', '/diagnostics', '/sign-in'] as const;

const headersOf = ({ token }: Target): Record<string, string> =>
  token === null ? {} : { authorization: `Bearer ${token}` };

/** Answers of the API that any installed panel gives. */
export const apiChecks: Readonly<Record<string, (target: Target) => Promise<string[]>>> = {
  'GET /api/health': async (target) => {
    const { status, text } = await ask(target, '/api/health');
    return status === 200 && text.includes('ok') ? [] : [`answers ${status}`];
  },
  'GET /api/status': async (target) => {
    const { status, text } = await ask(target, '/api/status');
    if (status !== 200) return [`answers ${status}`];
    const parsed = systemStatusSchema.safeParse(JSON.parse(text));
    return parsed.success
      ? []
      : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  },
  'GET /api/metrics': async (target) => {
    const { status, text } = await ask(target, '/api/metrics');
    const wanted = ['orchestrator_http_requests_total', 'orchestrator_process_', 'orchestrator_service_up'];
    if (status !== 200) return [`answers ${status}`];
    return wanted.filter((name) => !text.includes(name)).map((name) => `${name} is missing`);
  },
  'GET /api/openapi.json': async (target) => {
    const { status, text } = await ask(target, '/api/openapi.json');
    return status === 200 && text.startsWith('{"openapi"') ? [] : [`answers ${status}`];
  },
  'nothing for another site': async ({ url }) => {
    const { status } = await fetch(`${url}/api/status`, { headers: { origin: 'http://evil.example' } });
    return status === 403 ? [] : [`a foreign Origin is answered ${status}`];
  },
};

async function ask(target: Target, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(target.url + path, {
    headers: headersOf(target),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, text: await response.text() };
}

/** Opens a page on a device and says what is wrong with it. */
export async function checkPage({
  browser,
  target,
  path,
  device,
  folder,
}: {
  browser: Browser;
  target: Target;
  path: (typeof pages)[number];
  device: string;
  folder: string;
}): Promise<Omit<Outcome, 'name' | 'ms'>> {
  const context = await browser.newContext({
    ...devices[device],
    locale: 'en-US',
    extraHTTPHeaders: headersOf(target),
    ignoreHTTPSErrors: true,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  const picture = `${path.replaceAll('/', '') || 'services'}-${device}.png`;
  try {
    const response = await page.goto(target.url + path, { timeout: 15_000 });
    if (response?.status() !== 200) faults.push(`answers ${response?.status()}`);
    faults.push(...(await look(page, path)));
    await page.screenshot({ path: join(folder, picture), fullPage: true, scale: 'css' });
  } catch (error) {
    faults.push(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  } finally {
    await context.close();
  }
  return { faults, picture };
}

async function look(page: Page, path: string): Promise<string[]> {
  await page.locator('h1').first().waitFor({ timeout: 5000 });
  if (path !== '/sign-in') await page.locator('[data-health]').first().waitFor({ timeout: 10_000 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1);
  return [...(wide ? ['is wider than the screen'] : []), ...(await seriousFaults(page))];
}
