import { describe, expect, test } from 'vitest';
import { OrchestratorError } from '../../../core/contract/errors.ts';
import type { Incident } from '../../../core/contract/state.ts';
import { openHistory } from '../../../core/history/history.ts';
import { writeState } from '../../../core/state/files.ts';
import { seriousFaults } from '../../axe.ts';
import { hasBrowser, scriptSizes, useBrowser } from './browser.ts';
import { startTestPanel } from './panelUnderTest.ts';
import { scenes } from './scenes.ts';
import { ago, incidentFile, type StateFolder } from './stateFolder.ts';

/** Two hours of samples, half an hour of them unhealthy. */
function fillHistory({ paths }: StateFolder): void {
  const history = openHistory({ path: paths.history });
  const now = Date.now();
  for (let minute = 120; minute > 0; minute -= 1) {
    const healthy = minute > 60 || minute <= 30;
    history.addSamples(now - minute * 60_000, [
      { service: 'comfyui', state: healthy ? 'healthy' : 'suspect', healthy, latencyMs: healthy ? 20 : null },
    ]);
  }
  history.close();
}

async function fillIncidents({ paths }: StateFolder, incidents: readonly Partial<Incident>[]): Promise<void> {
  for (const incident of incidents) {
    const file = incidentFile(incident);
    await writeState(paths.incident(file.id), file);
  }
}

describe.skipIf(!hasBrowser)('the page of diagnostics', () => {
  const open = useBrowser();

  test('tells of each service what it is, since when, and how it has been', async () => {
    const { port, folder } = await startTestPanel();
    fillHistory(folder);
    const page = await open(port, { path: '/diagnostics' });
    const row = page.locator('tr[data-service="comfyui"]');
    await row.and(page.locator('[data-health="healthy"]')).waitFor();
    expect(await row.textContent()).toMatch(/Healthy[\s\S]*0 of 3[\s\S]*13 ms/);
    await row.getByText('75% in 24 hours').waitFor();
    expect(await row.getByRole('img').getAttribute('aria-label')).toBe('Healthy 75% of the last 24 hours');
    await page.locator('[data-span="1h"]').click();
    await row.getByText(/^5\d(\.\d+)?% in hour$/).waitFor();
    await scenes.failed?.(folder);
    await row.and(page.locator('[data-health="exhausted"]')).waitFor({ timeout: 3000 });
    expect(await page.locator('h1').textContent()).toBe('A service has failed');
  });

  test('draws how fast a service answered, and loads the chart library only when a chart comes into view', async () => {
    const { port, folder } = await startTestPanel();
    fillHistory(folder);
    const page = await open(port, { path: '/diagnostics', viewport: { width: 1280, height: 200 } });
    await page.locator('tr[data-health="healthy"]').first().waitFor();
    await page.waitForLoadState('load');
    await page.waitForTimeout(500);
    const before = await scriptSizes(page);
    expect(Object.keys(before).sort()).toEqual(['diagnostics.js', 'preferences.js', 'theme.js']);
    expect(Object.values(before).reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(12_000);
    const chart = page.locator('#charts figure[data-id="comfyui"]');
    await chart.scrollIntoViewIfNeeded();
    await chart.locator('canvas').waitFor();
    expect((await scriptSizes(page))['chart.js']).toBeLessThanOrEqual(25_000);
    expect(await chart.textContent()).toMatch(/mean 20 ms, slowest 20 ms/);
    const silent = page.locator('#charts figure[data-id="panel"]');
    await silent.scrollIntoViewIfNeeded();
    await silent.getByText('Nothing was measured in this span.').waitFor();
  });

  test('lists incidents by days, and a link to one opens it', async () => {
    const { port, folder } = await startTestPanel();
    await fillIncidents(folder, [
      {
        id: 'old',
        openedAt: ago(3 * 86_400_000),
        closedAt: ago(3 * 86_400_000 - 72_000),
        outcome: 'recovered',
      },
      { id: 'new', openedAt: ago(60_000), cause: 'exited with code 7', advice: 'Look at the log.' },
    ]);
    const page = await open(port, { path: '/diagnostics#old' });
    const old = page.locator('details#old');
    await old.and(page.locator('[open]')).waitFor();
    expect(await old.textContent()).toContain('lasted 1 min 12 sec');
    expect(await page.locator('#incidents .day').count()).toBe(2);
    expect(await page.locator('details#new').getAttribute('open')).toBeNull();
  });

  test('the doctor examines on demand, tells what to do first, and what went wrong when it cannot', async () => {
    let broken = false;
    const { port, calls } = await startTestPanel({
      answer: () => {
        if (broken) throw new OrchestratorError('ORC3005', { detail: 'It is not installed.' });
        return {
          data: [
            { name: 'Node', status: 'pass', message: 'Node.js 24.', fix: '', code: null },
            {
              name: 'Port',
              status: 'fail',
              message: 'Port 8188 is taken.',
              fix: 'End nginx.',
              code: 'ORC2002',
            },
          ],
          records: [],
        };
      },
    });
    const page = await open(port, { path: '/diagnostics' });
    const button = page.locator('#doctor-run[aria-disabled="false"]');
    await button.focus();
    await page.keyboard.press('Enter');
    await page.getByText('1 failed, 0 warnings, 1 passed, 0 skipped').waitFor();
    expect(await page.locator('#doctor-checks li').allTextContents()).toEqual([
      'failed Port ORC2002Port 8188 is taken.End nginx.',
    ]);
    expect(await page.locator('#doctor-fine li').first().isVisible()).toBe(false);
    await page.getByText('Show what passed or was skipped').click();
    expect(await page.locator('#doctor-fine li').first().isVisible()).toBe(true);
    expect(calls.map(({ name }) => name)).toEqual(['Test-Orchestrator']);
    broken = true;
    await button.click();
    await page.locator('#doctor-fault').getByText('PowerShell is not available.').waitFor();
    await page.reload();
    await page.getByText('1 failed, 0 warnings, 1 passed, 0 skipped').waitFor();
  });

  test('a reader may look and not ask the doctor', async () => {
    const env = { ORCHESTRATOR_TOKEN: 'operator-token-1', ORCHESTRATOR_READ_TOKEN: 'reader-token-1' };
    const { port } = await startTestPanel({ env });
    const page = await open(port, { path: '/sign-in?next=/diagnostics' });
    await page.getByLabel('Token').fill('reader-token-1');
    await page.keyboard.press('Enter');
    await page.locator('tr[data-health="healthy"]').first().waitFor();
    expect(await page.locator('#doctor-run').getAttribute('aria-disabled')).toBe('true');
  });

  test.each(['en-US', 'ru-RU'])(
    'no page has a fault that axe-core calls serious, light or dark, in %s',
    async (locale) => {
      const { port, folder } = await startTestPanel({ scene: 'failed' });
      fillHistory(folder);
      await fillIncidents(folder, [{ id: 'one', evidence: ['a line'] }]);
      for (const colorScheme of ['light', 'dark'] as const) {
        for (const path of ['/', '/diagnostics', '/sign-in', '/nowhere']) {
          const page = await open(port, { path, locale, colorScheme });
          await page
            .locator(path === '/' || path === '/diagnostics' ? '[data-health]' : 'h1')
            .first()
            .waitFor();
          await page.waitForTimeout(300);
          for (const summary of await page.locator('#incidents summary').all()) await summary.click();
          expect(await seriousFaults(page), `${path} ${colorScheme}`).toEqual([]);
          await page.close();
        }
      }
    },
    60_000,
  );
});
