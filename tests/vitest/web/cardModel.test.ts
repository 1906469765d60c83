import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { healthWords, type ServiceStatus, serviceStatusSchema } from '../../../core/contract/cmdlets.ts';
import { lastFailure, sensibleActions, startable, toneOf } from '../../../web/client/cardModel.ts';
import { createTranslate } from '../../../web/client/text.ts';
import { bytes, milliseconds, relative } from '../../../web/client/time.ts';
import { allTexts } from '../../../web/i18n/index.ts';
import { incidentFile } from './stateFolder.ts';

type Buttons = Pick<ServiceStatus, 'mode' | 'state' | 'desired' | 'health'>;
const names = (given: Buttons) =>
  Object.entries(sensibleActions(given))
    .filter(([, sensible]) => sensible)
    .map(([name]) => name)
    .join(' ');

const { mode, state, desired } = serviceStatusSchema.shape;

describe('buttons', () => {
  test.each<[Buttons, string]>([
    [{ mode: 'managed', state: 'Running', desired: 'running', health: 'healthy' }, 'stop restart'],
    [{ mode: 'demo', state: 'Running', desired: 'running', health: 'unknown' }, 'stop restart'],
    [{ mode: 'managed', state: 'Running', desired: 'stopped', health: 'unknown' }, 'start stop restart'],
    [{ mode: 'managed', state: 'Running', desired: 'running', health: 'exhausted' }, 'start stop restart'],
    [{ mode: 'managed', state: 'Stopped', desired: 'stopped', health: 'stopped' }, 'start'],
    [{ mode: 'managed', state: 'Stopped', desired: 'running', health: 'cooling' }, 'start stop'],
    [{ mode: 'managed', state: 'Unknown', desired: 'running', health: 'unknown' }, 'start stop restart'],
    [{ mode: 'external', state: 'External', desired: 'running', health: 'healthy' }, ''],
    [{ mode: 'managed', state: 'Skipped', desired: 'running', health: 'skipped' }, ''],
  ])('%o: %s', (given, buttons) => {
    expect(names(given)).toBe(buttons);
  });

  test('there is always a way out of any state of a service that is ours', () => {
    const any = fc.record({
      mode: fc.constantFrom(...mode.options),
      state: fc.constantFrom(...state.options),
      desired: fc.constantFrom(...desired.options),
      health: fc.constantFrom(...healthWords),
    });
    fc.assert(
      fc.property(any, (given) => {
        const { start, stop, restart } = sensibleActions(given);
        const ours = given.mode !== 'external' && given.state !== 'External' && given.state !== 'Skipped';
        expect(start || stop || restart).toBe(ours);
        if (startable(given)) expect(start).toBe(true);
      }),
    );
  });
});

test('every health has a tone, and only healthy has the good one', () => {
  for (const health of healthWords) expect(toneOf({ health }) === 'ok').toBe(health === 'healthy');
});

test('a failure is shown while it lasts', () => {
  const service = { id: 'comfyui', health: 'cooling' } as ServiceStatus;
  const open = incidentFile({ id: 'b' });
  expect(lastFailure(service, [incidentFile({ service: 'panel' }), open])).toBe(open);
  expect(lastFailure(service, [incidentFile({ outcome: 'recovered' }), open])).toBeNull();
  expect(lastFailure({ ...service, health: 'healthy' }, [open])).toBeNull();
  expect(lastFailure(service, [])).toBeNull();
});

test('distances and sizes are said in the reader language', () => {
  expect(relative(-4 * 60_000, 'en')).toBe('4 minutes ago');
  expect(relative(12_000, 'en')).toBe('in 12 seconds');
  expect(relative(-90_000_000, 'ru')).toBe('вчера');
  expect(relative(-119_999, 'en')).toBe('2 minutes ago');
  expect(bytes(6.2 * 2 ** 30, 'en')).toBe('6.2 GB');
  expect(bytes(812 * 2 ** 30, 'ru')).toMatch(/^812\sГБ$/);
  expect(milliseconds(1.44, 'en')).toBe('1.4 ms');
  expect(milliseconds(1440.4, 'ru')).toMatch(/^1\s440\sмс$/);
  expect(bytes(1862 * 2 ** 30, 'en')).toBe('1.8 TB');
});

test('texts are filled from data, and a missing place stays empty', () => {
  const t = createTranslate(allTexts('en'));
  expect(t('attempts.of', { attempts: 1, max: 3 })).toBe('1 of 3');
  expect(t('attempts.of', { attempts: 1 })).toBe('1 of ');
});
