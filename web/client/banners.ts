import type { SystemStatus } from '../../core/status/picture.ts';
import { byId, make } from './dom.ts';
import type { Translate } from './text.ts';
import { clockTime, moment } from './time.ts';

/** "Guardian is down", with what that means and what to do. */
export function showGuardian(
  { guardian, services }: SystemStatus,
  { t, language }: { t: Translate; language: string },
): void {
  const banner = byId('guardian');
  // With everything stopped on purpose there is nothing to heal.
  const asleep = services.every(({ health }) => health === 'stopped' || health === 'skipped');
  const down = !guardian.alive && !asleep;
  const mark = down ? (guardian.at ?? 'never') : '';
  if (banner.dataset['mark'] === mark) return;
  banner.dataset['mark'] = mark;
  banner.hidden = !down;
  if (!down) {
    banner.replaceChildren();
    return;
  }
  const [before = '', after = ''] = t('guardian.lastSeen', { when: '\0' }).split('\0');
  const seen = guardian.at ? [before, moment(guardian.at, language), after] : [t('guardian.never')];
  banner.replaceChildren(
    make('strong', {}, t('guardian.down')),
    make('p', {}, ...seen, ' ', t('guardian.fix')),
  );
}

/** The banner of a lost connection. It goes by itself when the connection is back. */
export function showConnection(
  live: boolean,
  { t, language, seenAt }: { t: Translate; language: string; seenAt: Date | null },
): void {
  const banner = byId('connection');
  document.body.classList.toggle('stale', !live);
  if (live && !banner.hidden) byId('announcer').textContent = t('connection.back');
  banner.hidden = live;
  const time = seenAt ? clockTime(seenAt, language) : '';
  banner.textContent = live ? '' : seenAt ? t('connection.lost', { time }) : t('connection.never');
}
