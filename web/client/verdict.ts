import type { OverallWord, SystemStatus } from '../../core/status/picture.ts';
import type { Tone } from './cardModel.ts';
import { byId, setLamp, setText } from './dom.ts';
import type { Translate } from './text.ts';

const tones: Readonly<Record<OverallWord, Tone>> = {
  healthy: 'ok',
  attention: 'warn',
  starting: 'busy',
  recovering: 'warn',
  failed: 'bad',
  stopped: 'off',
  unwatched: 'unknown',
};

/** The sentence at the top. */
export function showVerdict({ overall, services }: SystemStatus, t: Translate): void {
  const healthy = services.filter(({ health }) => health === 'healthy').length;
  setLamp(byId('overall-lamp'), tones[overall], tones[overall]);
  setText(byId('overall'), t(`overall.${overall}`));
  setText(byId('overall-count'), t('overall.count', { healthy, all: services.length }));
}
