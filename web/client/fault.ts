import type { Fault } from './api.ts';
import { make } from './dom.ts';
import type { Translate } from './text.ts';

/** What happened, why, and what to do, with a button that puts it away. */
export function faultView(
  { what, why, fix, requestId }: Fault,
  t: Translate,
  dismiss: () => void,
): HTMLElement {
  const close = make('button', { type: 'button', class: 'quiet' }, t('error.dismiss'));
  close.addEventListener('click', dismiss);
  return make(
    'div',
    { class: 'fault-text' },
    make('strong', {}, what),
    why === '' ? null : make('p', {}, why),
    fix === '' ? null : make('p', { class: 'fix' }, fix),
    make(
      'p',
      { class: 'fault-foot' },
      requestId === null ? null : make('span', {}, t('error.request', { id: requestId })),
      close,
    ),
  );
}
