import type { LogBatch, LogMatch } from '../../../core/contract/logs.ts';
import type { Incident } from '../../../core/contract/state.ts';
import { byId, make, setText } from '../dom.ts';
import type { Words } from '../frame.ts';
import { createFilter, type Filter, type LevelChoice } from './filter.ts';
import { createList, type LogList } from './list.ts';
import { createStore, type LogLine } from './store.ts';

type Named = readonly { readonly id: string; readonly displayName: string }[];

export interface Logs {
  /** What the event stream is to be asked for. */
  query(): string;
  /** The services whose logs can be shown. */
  offer(services: Named): void;
  take(batches: readonly LogBatch[], cursor: string): void;
  /** Shows the lines around an incident's last words. */
  jump(incident: Incident): Promise<void>;
}

/** So many lines each log brings along when it is first shown. */
const tail = 200;
const copied = 5000;

/** Live logs: which are shown, in one list or several, filtered, paused, or a place in the past. */
export function createLogs({ t, language, reopen }: Words & { reopen: () => void }): Logs {
  const store = createStore();
  let services: Named = [];
  let chosen: string[] | null = null;
  let cursor = '';
  let filter: Filter = createFilter({ text: '', level: 'all' });
  let lists: { readonly log: string | null; readonly list: LogList }[] = [];
  let split = false;
  let wrap = false;
  let paused = false;
  let searchable = false;
  let past: readonly LogLine[] | null = null;

  const shownLogs = () => chosen ?? services.map(({ id }) => id);
  const accepts = (log: string | null) => (line: LogLine) =>
    shownLogs().includes(line.log) && (log === null || line.log === log) && filter.accepts(line);

  function build(): void {
    const logs = split ? shownLogs() : [null];
    lists = logs.map((log) => ({
      log,
      list: createList({
        name: log === null ? '' : nameOf(log),
        sources: log === null && shownLogs().length > 1,
        t,
        language,
      }),
    }));
    byId('log-views').replaceChildren(...lists.map(({ list }) => list.element));
    for (const { list } of lists) list.setWrap(wrap);
    refill();
  }

  function refill(): void {
    const all = past ?? store.lines;
    const empty = t(
      shownLogs().length === 0 ? 'logs.none' : all.length === 0 ? 'logs.waiting' : 'logs.noMatch',
    );
    let shown = 0;
    for (const { log, list } of lists) {
      const lines = all.filter(accepts(log));
      shown += lines.length;
      list.setPattern(filter.pattern);
      list.reset(lines, empty);
    }
    count(shown);
  }

  function count(shown: number): void {
    const all = past ?? store.lines;
    const number = new Intl.NumberFormat(language);
    setText(
      byId('log-count'),
      t('logs.count', { shown: number.format(shown), all: number.format(all.length) }),
    );
    byId('log-count').dataset['shown'] = String(shown);
  }

  function nameOf(id: string): string {
    return services.find((service) => service.id === id)?.displayName ?? id;
  }

  function showSources(): void {
    byId('log-sources').replaceChildren(
      ...services.map(({ id, displayName }) => {
        const button = make(
          'button',
          { type: 'button', 'aria-pressed': String(shownLogs().includes(id)) },
          displayName,
        );
        button.addEventListener('click', () => choose(id, button));
        return button;
      }),
    );
  }

  function choose(id: string, button: HTMLElement): void {
    const now = shownLogs();
    chosen = now.includes(id)
      ? now.filter((each) => each !== id)
      : services.map((each) => each.id).filter((each) => each === id || now.includes(each));
    button.setAttribute('aria-pressed', String(chosen.includes(id)));
    // It comes anew with its last lines, however much was written while nobody looked.
    cursor = cursor
      .split('~')
      .filter((place) => !place.startsWith(`${id}.`))
      .join('~');
    store.drop(id);
    reopen();
    build();
  }

  function toggle(id: string, change: (on: boolean) => void): () => void {
    const button = byId(id);
    const press = () => {
      const on = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(on));
      change(on);
    };
    button.addEventListener('click', press);
    return press;
  }

  function readFilter(): void {
    const field = byId('log-filter') as HTMLInputElement;
    const level = (byId('log-level') as HTMLSelectElement).value as LevelChoice;
    filter = createFilter({ text: field.value, level });
    field.setCustomValidity(filter.valid ? '' : t('logs.badPattern'));
    field.setAttribute('aria-invalid', String(!filter.valid));
    refill();
  }

  /** Shows the lines around a match. They are fixed; live lines go on gathering behind them. */
  async function openPast(log: string, match: LogMatch): Promise<void> {
    const { readAround } = await import('./past.ts');
    const { lines, target } = await readAround(log, match);
    past = lines;
    if (!shownLogs().includes(log)) chosen = [...shownLogs(), log];
    byId('log-past').hidden = false;
    refill();
    lists.find((each) => each.log === null || each.log === log)?.list.reveal(target);
    byId('log-views').scrollIntoView({ block: 'nearest' });
  }

  function backToLive(): void {
    past = null;
    byId('log-past').hidden = true;
    refill();
    for (const { list } of lists) list.follow();
  }

  const pause = toggle('log-pause', (on) => {
    paused = on;
    if (!on) refill();
  });
  const wrapLines = toggle('log-wrap', (on) => {
    wrap = on;
    for (const { list } of lists) list.setWrap(on);
  });
  toggle('log-split', (on) => {
    split = on;
    build();
  });
  byId('log-filter').addEventListener('input', readFilter);
  byId('log-level').addEventListener('change', readFilter);
  byId('log-live').addEventListener('click', backToLive);
  byId('log-copy').addEventListener('click', async () => {
    const lines = (past ?? store.lines).filter(accepts(null)).slice(-copied);
    const { copyText } = await import('./copy.ts');
    const done = await copyText(lines.map(({ log, text }) => `${log}\t${text}`).join('\n'));
    setText(byId('announcer'), done ? t('logs.copied', { count: lines.length }) : t('logs.copyFailed'));
    setText(byId('log-count'), byId('announcer').textContent ?? '');
  });
  // Few visits need these, so they come when they are opened.
  byId('log-search').addEventListener('click', async () => {
    const form = byId('search');
    form.hidden = !form.hidden;
    byId('log-search').setAttribute('aria-expanded', String(!form.hidden));
    if (!searchable) {
      searchable = true;
      const { createSearchForm } = await import('./searchForm.ts');
      createSearchForm({ t, language, logs: services, open: (log, match) => void openPast(log, match) });
    }
    if (!form.hidden) byId('search-pattern').focus();
  });
  const menu = byId('log-downloads').parentElement as HTMLDetailsElement;
  menu.addEventListener('toggle', async () => {
    if (menu.open) (await import('./downloads.ts')).fillDownloads(nameOf);
  });
  document.addEventListener('keydown', (event) => {
    const { target, key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey || (target as HTMLElement).closest('input,select,textarea,summary'))
      return;
    if (key === '/') byId('log-filter').focus();
    else if (key === 'p') pause();
    else if (key === 'w') wrapLines();
    else if (key === 'End') for (const { list } of lists) list.follow();
    else return;
    event.preventDefault();
  });

  return {
    query() {
      const logs = shownLogs();
      const query = new URLSearchParams({ logs: logs.join(','), tail: String(tail) });
      if (cursor) query.set('after', cursor);
      return logs.length === 0 ? '' : query.toString();
    },
    offer(next) {
      if (next.length === services.length) return;
      services = next.map(({ id, displayName }) => ({ id, displayName }));
      showSources();
      build();
      reopen();
    },
    take(batches, position) {
      cursor = position || cursor;
      const { fresh, trimmed } = store.add(batches);
      if (paused || past) return;
      if (trimmed || batches.some(({ at }) => at === null)) return refill();
      let added = 0;
      for (const { log, list } of lists) {
        const lines = fresh.filter(accepts(log));
        added += lines.length;
        list.append(lines);
      }
      count(Number(byId('log-count').dataset['shown'] ?? 0) + added);
    },
    async jump(incident) {
      const announce = (text: string) => setText(byId('log-count'), text);
      byId('logs').scrollIntoView();
      announce(t('incident.searching'));
      const { findIncident } = await import('./past.ts');
      const match = await findIncident(incident);
      if (match) await openPast(incident.service, match);
      else announce(t('incident.gone'));
    },
  };
}
