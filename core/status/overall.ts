import type { OverallWord, SystemStatus } from './picture.ts';

/** The one word: the worst thing that is true. */
export function overallOf(picture: Omit<SystemStatus, 'at' | 'overall'>): OverallWord {
  const { services, guardian, disks, memory, warnings } = picture;
  const has = (...words: string[]) => services.some(({ health }) => words.includes(health));
  if (has('unhealthy', 'exhausted')) return 'failed';
  if (has('suspect', 'restarting', 'cooling')) return 'recovering';
  if (has('starting')) return 'starting';
  const asleep = services.every(
    ({ health, processId }) => (health === 'stopped' || health === 'skipped') && processId === null,
  );
  if (asleep) return 'stopped';
  if (!guardian.alive || has('unknown')) return 'unwatched';
  const strained = disks.some(({ low }) => low) || memory?.high === true;
  const unwanted = services.some(({ health, processId }) => health === 'stopped' && processId !== null);
  return strained || unwanted || warnings.length > 0 || has('skipped') ? 'attention' : 'healthy';
}
