import { byId, make, part, setText } from '../dom.ts';
import type { Words } from '../frame.ts';
import { createRows, rowsOf } from './rows.ts';
import type { LogLine } from './store.ts';

export interface LogList {
  readonly element: HTMLElement;
  /** Shows these lines instead of the ones before; keeps the place of the reader where it can. */
  reset(lines: readonly LogLine[], empty: string): void;
  append(lines: readonly LogLine[]): void;
  setWrap(wrap: boolean): void;
  /** What is marked in the texts. */
  setPattern(pattern: RegExp | null): void;
  /** Goes to the newest line and stays there. */
  follow(): void;
  /** Brings a line into the middle and marks it. */
  reveal(line: LogLine): void;
}

/** A line of a megabyte would hold up the browser; the download has all of it. */
const shownLength = 4000;
const spare = 12;

/** A list of any length of which only what is visible is in the document. */
export function createList({
  name,
  sources,
  t,
  language,
}: Words & {
  name: string;
  /** Whether each line says which log it is of. */
  sources: boolean;
}): LogList {
  const template = byId('log-view') as HTMLTemplateElement;
  const element = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
  const scroller = part(element, '.log-scroller');
  const space = part(element, '.log-space');
  const shown = part(element, '.log-rows');
  const button = part(element, '.log-follow');
  // Of one width in every language, so that the texts stand under each other.
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium', hourCycle: 'h23' });
  const rows = createRows();
  let lines: LogLine[] = [];
  let wrap = false;
  let pattern: RegExp | null = null;
  let following = true;
  let missed = 0;
  let columns = 0;
  let target: LogLine | null = null;
  let due = false;

  setText(part(element, 'h3'), name);
  part(element, 'h3').hidden = name === '';
  scroller.setAttribute('aria-label', name || t('logs.heading'));

  const rowHeight = () => Number.parseFloat(getComputedStyle(scroller).lineHeight) || 18;
  const heightOf = (line: LogLine) => (wrap ? rowsOf(line.text.slice(0, shownLength), columns) : 1);

  function measure(): void {
    rows.clear();
    for (const line of lines) rows.add(heightOf(line));
  }

  function schedule(): void {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      render();
    });
  }

  function render(): void {
    const tall = rowHeight();
    space.style.blockSize = `${rows.total * tall}px`;
    if (following) scroller.scrollTop = scroller.scrollHeight;
    const first = Math.max(0, rows.at(Math.floor(scroller.scrollTop / tall)) - spare);
    const last = rows.at(Math.ceil((scroller.scrollTop + scroller.clientHeight) / tall)) + spare;
    shown.style.transform = `translateY(${rows.top(first) * tall}px)`;
    shown.replaceChildren(...lines.slice(first, last + 1).map((line) => row(line, tall)));
    button.hidden = following;
    setText(button, missed > 0 ? t('logs.new', { count: missed }) : t('logs.follow'));
    settle();
  }

  /** How many characters a row holds is known once a row is there. */
  function settle(): void {
    if (!wrap) return;
    const text = shown.querySelector<HTMLElement>('.text');
    if (!text) return;
    const next = Math.floor(text.clientWidth / characterWidth(text));
    if (next === columns || next <= 0) return;
    columns = next;
    measure();
    schedule();
  }

  function row(line: LogLine, tall: number): HTMLElement {
    if (line.note) return make('div', { class: 'log-row note' }, noteText(line.note));
    const time = line.at === null ? '' : clock.format(line.at);
    const text = make('span', { class: 'text' }, ...marked(shorten(line.text), pattern));
    const each = make(
      'div',
      { class: 'log-row', 'data-level': line.level, 'data-target': line === target ? '' : null },
      make('time', {}, time),
      sources ? make('span', { class: 'source' }, line.log) : null,
      text,
    );
    if (wrap) each.style.blockSize = `${heightOf(line) * tall}px`;
    return each;
  }

  function noteText(note: NonNullable<LogLine['note']>): string {
    return 'gap' in note ? t('logs.gap', { count: note.gap }) : t(`mark.${note.mark}` as 'mark.rotated');
  }

  function showEmpty(text: string): void {
    const empty = part(element, '.log-empty');
    empty.hidden = lines.length > 0;
    setText(empty, text);
  }

  scroller.addEventListener('scroll', () => {
    following = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - rowHeight();
    if (following) missed = 0;
    schedule();
  });
  button.addEventListener('click', () => {
    list.follow();
    scroller.focus();
  });
  new ResizeObserver(schedule).observe(scroller);

  const list: LogList = {
    element,
    reset(next, empty) {
      const tall = rowHeight();
      const anchor = lines[rows.at(Math.floor(scroller.scrollTop / tall))];
      lines = [...next];
      measure();
      showEmpty(empty);
      const index = following || !anchor ? -1 : lines.indexOf(anchor);
      if (index >= 0) {
        space.style.blockSize = `${rows.total * tall}px`;
        scroller.scrollTop = rows.top(index) * tall;
      }
      schedule();
    },
    append(fresh) {
      for (const line of fresh) {
        lines.push(line);
        rows.add(heightOf(line));
      }
      if (fresh.length > 0) part(element, '.log-empty').hidden = true;
      if (!following) missed += fresh.length;
      schedule();
    },
    setWrap(next) {
      wrap = next;
      element.classList.toggle('wrap', next);
      measure();
      schedule();
    },
    setPattern(next) {
      pattern = next;
      schedule();
    },
    follow() {
      following = true;
      missed = 0;
      render();
    },
    reveal(line) {
      target = line;
      following = false;
      const tall = rowHeight();
      space.style.blockSize = `${rows.total * tall}px`;
      scroller.scrollTop = rows.top(lines.indexOf(line)) * tall - scroller.clientHeight / 2;
      render();
    },
  };
  return list;
}

function characterWidth(text: HTMLElement): number {
  const probe = make('span', {}, '0'.repeat(100));
  text.append(probe);
  const width = probe.getBoundingClientRect().width / 100;
  probe.remove();
  return width || 8;
}

function shorten(text: string): string {
  return text.length > shownLength ? `${text.slice(0, shownLength)} … (${text.length})` : text;
}

function marked(text: string, pattern: RegExp | null): (Node | string)[] {
  if (!pattern) return [text];
  const found: (Node | string)[] = [];
  let rest = 0;
  for (const match of text.matchAll(new RegExp(pattern.source, `${pattern.flags}g`))) {
    if (match[0] === '' || found.length > 40) break;
    found.push(text.slice(rest, match.index), make('mark', {}, match[0]));
    rest = match.index + match[0].length;
  }
  return [...found, text.slice(rest)];
}
