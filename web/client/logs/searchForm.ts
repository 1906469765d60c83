import type { LogMatch } from '../../../core/contract/logs.ts';
import { readable } from '../../../core/logs/readable.ts';
import type { Fault } from '../api.ts';
import { byId, make, setText } from '../dom.ts';
import type { Words } from '../frame.ts';
import { percent } from '../uptime.ts';
import { searchLog } from './search.ts';

const limit = 200;

/** The form that searches through what lies behind the lines on the page. A match opens the lines around it. */
export function createSearchForm({
  t,
  language,
  logs,
  open,
}: Words & {
  logs: readonly { readonly id: string; readonly displayName: string }[];
  open: (log: string, match: LogMatch) => void;
}): void {
  const form = byId('search') as HTMLFormElement;
  const where = byId('search-in') as HTMLSelectElement;
  const pattern = byId('search-pattern') as HTMLInputElement;
  const list = byId('search-found');
  const say = (text: string) => setText(byId('search-standing'), text);
  let running: AbortController | null = null;

  function setRunning(next: AbortController | null): void {
    running = next;
    setText(byId('search-go'), t(next ? 'search.cancel' : 'search.start'));
  }

  async function search(): Promise<void> {
    const control = new AbortController();
    setRunning(control);
    list.replaceChildren();
    let count = 0;
    const log = where.value;
    const caseSensitive = (byId('search-case') as HTMLInputElement).checked;
    try {
      const { truncated } = await searchLog(
        { log, pattern: pattern.value, caseSensitive, limit },
        {
          signal: control.signal,
          found(match) {
            count += 1;
            list.append(item(log, match));
          },
          progress: (share) => say(t('search.progress', { percent: percent(share, language), count })),
        },
      );
      say(t(count === 0 ? 'search.none' : truncated ? 'search.limit' : 'search.found', { count }));
    } catch (error) {
      say(control.signal.aborted ? t('search.cancelled', { count }) : faultText(error, t('error.offline')));
    }
    if (running === control) setRunning(null);
  }

  function item(log: string, match: LogMatch): HTMLElement {
    const { text, time } = readable(match.text);
    const at = time ?? match.at;
    const button = make(
      'button',
      { type: 'button', class: 'quiet' },
      make('small', {}, at === null ? match.file : new Date(at).toLocaleString(language)),
      ' ',
      text.slice(0, 500),
    );
    button.addEventListener('click', () => open(log, match));
    return make('li', {}, button);
  }

  where.replaceChildren(...logs.map(({ id, displayName }) => make('option', { value: id }, displayName)));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (running) running.abort();
    else void search();
  });
  form.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') running?.abort();
  });
}

/** A fault of the panel has words; anything else is a lost connection. */
export function faultText(error: unknown, otherwise: string): string {
  const { what, why } = error as Partial<Fault>;
  return what ? `${what} ${why ?? ''}` : otherwise;
}
