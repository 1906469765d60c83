import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { OrchestratorError } from '../../../core/contract/errors.ts';
import { hasBrowser, scriptSizes, useBrowser } from './browser.ts';
import { panelWithUpstream } from './comfyUnderTest.ts';
import { startTestPanel } from './panelUnderTest.ts';
import { scenes } from './scenes.ts';

describe.skipIf(!hasBrowser)('the page', () => {
  const open = useBrowser();

  const card = (page: Page, name: string) =>
    page.locator('.card', { has: page.getByRole('heading', { name }) });

  test('shows what is, and follows it', async () => {
    const { port, folder } = await startTestPanel();
    const page = await open(port);
    await page.getByRole('heading', { name: 'Everything runs' }).waitFor();
    const comfy = card(page, 'ComfyUI');
    expect(await comfy.textContent()).toMatch(/Healthy[\s\S]*demo[\s\S]*Attempts\s*0 of 3/);
    await scenes.failed?.(folder);
    await page.getByRole('heading', { name: 'A service has failed' }).waitFor();
    expect(await comfy.textContent()).toMatch(/Exhausted[\s\S]*died each time: CUDA[\s\S]*3 of 3/);
    expect(await page.locator('#announcer').textContent()).toContain('ComfyUI (demo): Exhausted');
    await page.locator('#incidents summary').first().click();
    expect(await page.locator('#incidents details[open]').textContent()).toMatch(
      /Tried[\s\S]*started, died after 12 s[\s\S]*What to do/,
    );
    expect(await page.locator('#machine').textContent()).toMatch(/6\.2 GB of 118 GB free low/);
    await scenes.guardianDead?.(folder);
    await page.getByText('Guardian is down: nothing heals by itself now.').waitFor();
  });

  test('shows what ComfyUI says of its devices and its queue, and its last images', async () => {
    const GB = 2 ** 30;
    const { port } = await panelWithUpstream((request, response) => {
      const path = request.url?.replace(/\?.*/, '') ?? '';
      const answers: Readonly<Record<string, unknown>> = {
        '/system_stats': {
          system: { os: 'nt', comfyui_version: '0.3.64', pytorch_version: '2.8.0+cu129' },
          devices: [
            {
              name: 'cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync',
              type: 'cuda',
              index: 0,
              vram_total: 24 * GB,
              vram_free: 6 * GB,
            },
          ],
        },
        '/queue': {
          queue_running: [[0, 'a']],
          queue_pending: [
            [1, 'b'],
            [2, 'c'],
          ],
        },
        '/history': {
          a: { outputs: { 9: { images: [{ filename: 'a.png', subfolder: '', type: 'output' }] } } },
        },
        '/models': [],
      };
      response.setHeader('Content-Type', path === '/view' ? 'image/svg+xml' : 'application/json');
      response.end(path === '/view' ? '' : JSON.stringify(answers[path] ?? {}));
    });
    const page = await open(port);
    await page.locator('#machine').getByText('VRAM NVIDIA GeForce RTX 4090').waitFor();
    expect(await page.locator('#machine').textContent()).toMatch(
      /18 GB of 24 GB used[\s\S]*1 running, 2 waiting/,
    );
    expect(await page.locator('#host-facts').textContent()).toContain('ComfyUI 0.3.64, PyTorch 2.8.0+cu129');
    expect(await page.locator('#images a').getAttribute('href')).toBe(
      '/api/comfy/view?filename=a.png&subfolder=&type=output',
    );
  });

  test('a button acts by keyboard, is busy meanwhile, and tells a failure in its card', async () => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { port, calls } = await startTestPanel({
      scene: 'failed',
      answer: async () => {
        await held;
        throw new OrchestratorError('ORC2002', { port: 8188, service: 'ComfyUI', owner: 'nginx' });
      },
    });
    const page = await open(port);
    const comfy = card(page, 'ComfyUI');
    const start = comfy.locator('[data-action="start"]');
    await start.focus();
    await page.keyboard.press('Enter');
    await comfy.getByText('Starting…').waitFor();
    await page.keyboard.press('Enter');
    release();
    const alert = comfy.getByRole('alert');
    await alert.getByText('Port 8188 for ComfyUI is taken by nginx.').waitFor();
    expect(await alert.textContent()).toContain('Request ');
    expect(await start.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(calls.length).toBe(1);
    await alert.getByRole('button', { name: 'Dismiss' }).click();
    expect(await alert.isVisible()).toBe(false);
  });

  test('senseless buttons do nothing', async () => {
    const { port, calls } = await startTestPanel();
    const page = await open(port);
    await page.getByRole('heading', { name: 'Everything runs' }).waitFor();
    await card(page, 'ComfyUI').locator('[data-action="start"]').dispatchEvent('click');
    await page.locator('#ignite').dispatchEvent('click');
    expect(await page.locator('#ignite').getAttribute('aria-disabled')).toBe('true');
    expect(calls).toEqual([]);
  });

  test('asks before it stops itself, and takes no for an answer', async () => {
    const { port, calls } = await startTestPanel();
    const page = await open(port);
    const panel = card(page, 'Panel');
    await panel.locator('[data-action="stop"]').click();
    await panel.getByText('This stops the page you are looking at.').waitFor();
    await page.keyboard.press('Escape');
    expect(calls).toEqual([]);
    await panel.locator('[data-action="stop"]').click();
    await panel.getByRole('button', { name: 'Stop the panel' }).click();
    await panel.getByText('The panel stops in a moment').waitFor();
    expect(calls).toMatchObject([{ name: 'Stop-Orchestrator', detached: true }]);
  });

  test('ignite tells what came of it, service by service', async () => {
    const { port } = await startTestPanel({
      scene: 'stopped',
      answer: () => {
        throw new OrchestratorError('ORC3005', { detail: 'It is not installed.' });
      },
    });
    const page = await open(port);
    await page.locator('#ignite[aria-disabled="false"]').click();
    await page.getByText('Orchestrator ComfyUI (demo): PowerShell is not available.').waitFor();
  });

  test('a lost connection shows itself and heals', async () => {
    const { port, panel } = await startTestPanel();
    const page = await open(port);
    await page.getByRole('heading', { name: 'Everything runs' }).waitFor();
    await panel.close();
    await page.getByText('The connection to the panel is lost.').waitFor({ timeout: 4000 });
    expect(await card(page, 'ComfyUI').locator('[data-action="stop"]').getAttribute('aria-disabled')).toBe(
      'true',
    );
    await startTestPanel({ port, scene: 'failed' });
    await page.getByRole('heading', { name: 'A service has failed' }).waitFor({ timeout: 8000 });
    expect(await page.locator('#connection').isVisible()).toBe(false);
    expect(await page.locator('#announcer').textContent()).not.toBe('');
  });

  test('speaks the language of the browser or of the choice, and keeps the theme', async () => {
    const { port } = await startTestPanel();
    const page = await open(port, { locale: 'ru-RU' });
    await page.getByRole('heading', { name: 'Всё работает' }).waitFor();
    await page.getByRole('button', { name: 'EN' }).click();
    await page.getByRole('heading', { name: 'Everything runs' }).waitFor();
    const theme = page.locator('#theme');
    await theme.click();
    await theme.click();
    expect(await theme.getAttribute('aria-label')).toBe('Theme: Dark');
    await page.reload();
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark');
  });

  test('loads at most 12 kB of script until it is idle, as the browser counts it', async () => {
    const { port } = await startTestPanel();
    const page = await open(port);
    await page.getByRole('heading', { name: 'Everything runs' }).waitFor();
    const sizes = Object.values(await scriptSizes(page));
    expect(sizes.length).toBe(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(12_000);
  });

  test('with a token one signs in first, and is told when it is wrong', async () => {
    const { port } = await startTestPanel({ env: { ORCHESTRATOR_TOKEN: 'operator-token' } });
    const page = await open(port);
    expect(page.url()).toContain('/sign-in');
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('That token is not known here.').waitFor();
    await page.getByLabel('Token').fill('operator-token');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Everything runs' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
  });

  test('fits a phone', async () => {
    const { port } = await startTestPanel({ scene: 'failed' });
    const page = await open(port, { path: '/ru/' });
    await page.setViewportSize({ width: 320, height: 640 });
    for (const path of [
      '/ru/',
      '/en/',
      '/ru/diagnostics/',
      '/en/diagnostics/',
      '/ru/not-found/',
      '/ru/sign-in/',
    ]) {
      if (path !== '/ru/') await page.goto(`http://localhost:${port}${path}`);
      await page
        .locator(path.length > 4 ? 'h1' : '.card h3')
        .first()
        .waitFor();
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, path).toBeLessThanOrEqual(320);
    }
  });
});
