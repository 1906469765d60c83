import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { writeState } from '../../../core/state/files.ts';
import { hasBrowser, useBrowser } from './browser.ts';
import { panelWithLogs } from './logsUnderTest.ts';
import { ask } from './panelUnderTest.ts';
import { incidentFile } from './stateFolder.ts';

const rows = (page: Page) => page.locator('.log-row:not(.note) .text');
const shown = (page: Page) => page.locator('#log-count');
const pino = (time: string, level: string, msg: string) => JSON.stringify({ level, time, name: 'x', msg });

describe.skipIf(!hasBrowser)('the logs on the page', () => {
  const open = useBrowser();
  const path = '/diagnostics';

  test('flow, survive a rotation, and say so', async () => {
    const { port, write, append, rotate } = await panelWithLogs();
    write('comfyui-stderr', 'old line\n');
    const page = await open(port, { path });
    await page.getByText('old line').waitFor();
    append('comfyui-stderr', 'new line\nhalf');
    await page.getByText('new line').waitFor();
    rotate('comfyui-stderr');
    write('comfyui-stderr', ' and half\nafter the rotation\n');
    await page.getByText('after the rotation').waitFor();
    expect(await rows(page).allTextContents()).toEqual([
      'old line',
      'new line',
      'half and half',
      'after the rotation',
    ]);
    await page.getByText('the file was rotated').waitFor();
  });

  test('of several services stand by time in one list, or side by side', async () => {
    const { port, write } = await panelWithLogs();
    write(
      'panel-stdout',
      `${pino('2026-01-01T10:00:00.000Z', 'info', 'first')}\n${pino('2026-01-01T10:00:02.000Z', 'error', 'third')}\n`,
    );
    write('guardian-stdout', `${pino('2026-01-01T10:00:01.000Z', 'warn', 'second')}\n`);
    const page = await open(port, { path });
    await page.getByText('third').waitFor();
    expect(await rows(page).allTextContents()).toEqual(['first', 'second', 'third']);
    expect(
      await page
        .locator('.log-row')
        .evaluateAll((all) => all.map((row) => (row as HTMLElement).dataset['level'])),
    ).toEqual(['info', 'warn', 'error']);
    await page.getByRole('button', { name: 'Side by side' }).click();
    expect(await page.locator('.log-view h3').allTextContents()).toEqual([
      'Orchestrator Panel',
      'Orchestrator ComfyUI (demo)',
      'Orchestrator Guardian',
      'LoRA trainer',
    ]);
    const first = page.locator('.log-view').first().locator('.log-row .text');
    await expect.poll(() => first.allTextContents()).toEqual(['first', 'third']);
    await page.locator('#log-sources').getByRole('button', { name: 'Orchestrator Panel' }).click();
    expect(await page.locator('.log-view h3').count()).toBe(3);
    await expect.poll(() => rows(page).allTextContents()).toEqual(['second']);
    await page.locator('#log-sources').getByRole('button', { name: 'Orchestrator Panel' }).click();
    await page.getByText('third').waitFor({ timeout: 3000 });
    expect((await rows(page).allTextContents()).sort()).toEqual(['first', 'second', 'third']);
  });

  test('are filtered by text, pattern and level, by keyboard too', async () => {
    const { port, write, append } = await panelWithLogs();
    write('comfyui-stderr', 'got prompt\nWARNING: slow\nERROR: broken\ngot prompt again\n');
    const page = await open(port, { path });
    await page.getByText('got prompt again').waitFor();
    await page.locator('.log-scroller').focus();
    await page.keyboard.press('/');
    await page.keyboard.type('PROMPT');
    await expect.poll(() => rows(page).allTextContents()).toEqual(['got prompt', 'got prompt again']);
    expect(await page.locator('.log-row mark').allTextContents()).toEqual(['prompt', 'prompt']);
    append('comfyui-stderr', 'nothing\nprompt three\n');
    await page.getByText('prompt three').waitFor();
    expect(await rows(page).count()).toBe(3);
    await page.locator('#log-filter').fill('/again$|broken/');
    await expect.poll(() => rows(page).allTextContents()).toEqual(['ERROR: broken', 'got prompt again']);
    await page.locator('#log-filter').fill('/(/');
    expect(await page.locator('#log-filter').getAttribute('aria-invalid')).toBe('true');
    await page.locator('#log-filter').fill('');
    await page.locator('#log-level').selectOption('warn');
    await expect.poll(() => rows(page).allTextContents()).toEqual(['WARNING: slow', 'ERROR: broken']);
    await page.locator('#log-filter').fill('nowhere');
    await page.getByText('No line passes the filter.').waitFor();
  });

  test('stand still when paused, and nothing is lost meanwhile', async () => {
    const { port, write, append } = await panelWithLogs();
    write('comfyui-stderr', 'one\n');
    const page = await open(port, { path });
    await page.getByText('one', { exact: true }).waitFor();
    await page.keyboard.press('p');
    append('comfyui-stderr', 'two\n');
    await page.waitForTimeout(500);
    expect(await rows(page).allTextContents()).toEqual(['one']);
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect.poll(() => rows(page).allTextContents()).toEqual(['one', 'two']);
  });

  // Times on a busy machine hold what others took, so it may be measured again.
  const timed = { retry: 2, timeout: 60_000 };
  test(
    'a hundred thousand lines are smooth: few are in the document, and no frame takes long',
    timed,
    async () => {
      const { port, write, append } = await panelWithLogs();
      write('comfyui-stderr', 'begin\n');
      const page = await open(port, { path });
      await page.getByText('begin').waitFor();
      await page.evaluate(() => {
        const tasks: number[] = [];
        Object.assign(globalThis, { tasks });
        new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) tasks.push(duration);
        }).observe({ entryTypes: ['longtask'] });
      });
      for (let at = 0; at < 100_000; at += 5000) {
        append(
          'comfyui-stderr',
          `${Array.from({ length: 5000 }, (_, index) => `line ${at + index} of a log that is long`).join('\n')}\n`,
        );
        await page.waitForTimeout(60);
      }
      await page.getByText('line 99999 of').waitFor({ timeout: 10_000 });
      const text = (await shown(page).textContent()) ?? '';
      expect(Number(text.replace(/\D*([\d,]+) of.*/, '$1').replaceAll(',', ''))).toBeGreaterThanOrEqual(
        100_000,
      );
      const scroller = page.locator('.log-scroller');
      for (let place = 0; place <= 10; place += 1) {
        await scroller.evaluate((element, share) => {
          element.scrollTop = element.scrollHeight * share;
        }, place / 10);
        await page.waitForTimeout(40);
        expect(await page.locator('.log-row').count()).toBeLessThan(150);
      }
      await scroller.evaluate((element) => {
        element.scrollTop = 0;
      });
      await page.getByText('begin').waitFor();
      const tasks = await page.evaluate(() => (globalThis as unknown as { tasks: number[] }).tasks);
      expect(Math.max(0, ...tasks)).toBeLessThan(250);
      append('comfyui-stderr', 'one more\n');
      await page.getByRole('button', { name: 'New lines: 1' }).click();
      await page.getByText('one more').waitFor();
    },
  );

  test('long lines wrap, and stand where they should', async () => {
    const { port, write } = await panelWithLogs();
    const long = 'word '.repeat(400).trim();
    write('comfyui-stderr', `before\n${long}\nafter\n`);
    const page = await open(port, { path });
    await page.getByText('after').waitFor();
    const heights = () =>
      page.locator('.log-row').evaluateAll((all) => all.map((row) => row.getBoundingClientRect().height));
    expect(new Set(await heights()).size).toBe(1);
    await page.keyboard.press('w');
    await expect.poll(async () => (await heights())[1]).toBeGreaterThan(100);
    const text = page.locator('.log-row .text').nth(1);
    const fits = await text.evaluate(
      (element) => element.scrollHeight - (element.parentElement?.clientHeight ?? 0),
    );
    expect(fits).toBeLessThanOrEqual(1);
    const [, middle = 0, last = 0] = await page
      .locator('.log-row')
      .evaluateAll((all) => all.map((row) => row.getBoundingClientRect().top));
    expect(last).toBeGreaterThan(middle + 100);
  });

  test('the past is searched, opened at a match, and left again', async () => {
    const { port, write, append, rotate } = await panelWithLogs();
    write(
      'comfyui-stderr',
      `${Array.from({ length: 900 }, (_, index) => `old ${index}`).join('\n')}\nneedle in the hay\n${Array.from({ length: 900 }, (_, index) => `later ${index}`).join('\n')}\n`,
    );
    rotate('comfyui-stderr');
    write('comfyui-stderr', 'live line\n');
    const page = await open(port, { path });
    await page.getByText('live line').waitFor();
    await page.getByRole('button', { name: 'Search history' }).click();
    await page.locator('#search-in').selectOption('comfyui');
    await page.locator('#search-pattern').fill('n[e]+dle');
    await page.keyboard.press('Enter');
    await page.getByText('Found: 1').waitFor();
    await page.locator('#search-found button').click();
    await page.locator('#log-past').getByText('This is the past, not live.').waitFor();
    await page.locator('.log-row[data-target]').getByText('needle in the hay').waitFor();
    await page.locator('.log-row').getByText('old 899', { exact: true }).waitFor();
    await page.locator('.log-row').getByText('later 0', { exact: true }).waitFor();
    append('comfyui-stderr', 'came meanwhile\n');
    await page.waitForTimeout(300);
    expect(await page.getByText('came meanwhile').count()).toBe(0);
    await page.getByRole('button', { name: 'Back to live' }).click();
    await page.getByText('came meanwhile').waitFor();
    await page.locator('#search-pattern').fill('no such thing');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing found.').waitFor();
    await page.locator('#search-pattern').fill('(');
    await page.keyboard.press('Enter');
    await page
      .locator('#search-standing')
      .getByText(/regular expression|pattern/i)
      .waitFor();
  });

  test('an incident leads to its last words in the log', async () => {
    const { port, write, folder } = await panelWithLogs();
    write(
      'comfyui-stderr',
      `${'x\n'.repeat(400)}torch.OutOfMemoryError: CUDA out of memory\n${'y\n'.repeat(400)}`,
    );
    await writeState(
      folder.paths.incident('i-1'),
      incidentFile({ id: 'i-1', evidence: ['x', 'torch.OutOfMemoryError: CUDA out of memory'] }),
    );
    const page = await open(port, { path: '/diagnostics#i-1' });
    await page.getByRole('button', { name: 'Show in the log' }).click();
    await page.locator('.log-row[data-target]').getByText('CUDA out of memory').waitFor();
  });

  test('are copied and downloaded', async () => {
    const { port, write, rotate } = await panelWithLogs();
    write('comfyui-stderr', 'rotated\n');
    const old = rotate('comfyui-stderr').replace(/^.*[\\/]/, '');
    write('comfyui-stderr', 'a\nb\n');
    const page = await open(port, { path, permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByText('b', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.locator('#log-count').getByText('Lines copied: ').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/comfyui\ta\ncomfyui\tb$/);
    await page.getByText('Download', { exact: true }).click();
    const link = page.getByRole('link', { name: old });
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    expect(download.suggestedFilename()).toBe(old);
    const { headers, text } = await ask(port, (await link.getAttribute('href')) ?? '');
    expect([text, headers['content-disposition']]).toEqual([
      'rotated\n',
      expect.stringContaining('attachment'),
    ]);
  });

  test('a cut connection heals, and no line is lost or doubled', async () => {
    const { port, write, append } = await panelWithLogs();
    write('comfyui-stderr', 'line 0\n');
    const page = await open(port, { path });
    await page.getByText('line 0').waitFor();
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    for (let round = 1; round <= 2; round += 1) {
      // Cuts the open stream, as a router or a sleeping notebook does.
      await session.send('Network.emulateNetworkConditions', {
        offline: true,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      });
      append('comfyui-stderr', `line ${round}\n`);
      await page.waitForTimeout(300);
      await session.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      });
      await page.getByText(`line ${round}`).waitFor({ timeout: 10_000 });
    }
    expect(await rows(page).allTextContents()).toEqual(['line 0', 'line 1', 'line 2']);
  }, 40_000);
});
