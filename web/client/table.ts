import type { ServiceStatus } from '../../core/contract/cmdlets.ts';
import type { Span, UptimeReport } from '../../core/contract/history.ts';
import { toneOf } from './cardModel.ts';
import { byId, make, part, setLamp, setText } from './dom.ts';
import type { Words } from './frame.ts';
import { milliseconds, moment } from './time.ts';
import { uptimeBars } from './uptime.ts';

/** One row a service: what it is, since when, and how it has been. */
export function createTable({ t, language }: Words): {
  show(services: readonly ServiceStatus[]): void;
  showUptime(report: UptimeReport, span: Span): void;
} {
  const body = part(byId('services'), 'tbody');
  const template = byId('service-row') as HTMLTemplateElement;
  const rows = new Map<string, HTMLElement>();

  function rowOf(id: string): HTMLElement {
    const known = rows.get(id);
    if (known) return known;
    const row = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
    rows.set(id, row);
    return row;
  }

  const cell = (row: HTMLElement, name: string) => part(row, `[data-column="${name}"]`);

  function state(row: HTMLElement, service: ServiceStatus): void {
    const { health, reason, nextAction, nextActionAt } = service;
    const tone = toneOf(service);
    const mark = JSON.stringify([health, reason, nextAction, nextActionAt]);
    const place = cell(row, 'state');
    if (place.dataset['mark'] === mark) return;
    place.dataset['mark'] = mark;
    row.dataset['tone'] = tone;
    // The words for scripts and tests, whatever the language of the page.
    row.dataset['service'] = service.id;
    row.dataset['health'] = health;
    const next =
      nextAction === null
        ? null
        : [t('field.next'), ': ', nextAction === 'restart' ? t('next.restart') : nextAction, ' '];
    setLamp(part(place, '.lamp'), tone, tone);
    part(place, 'div div').replaceChildren(
      make('span', { class: 'word' }, t(`health.${health}`)),
      make('p', {}, reason),
      next ? make('p', {}, ...next, nextActionAt && moment(nextActionAt, language, { due: true })) : '',
    );
  }

  return {
    show(services) {
      const wanted = services.map(({ id }) => rowOf(id));
      if (wanted.some((row, index) => row !== body.children[index]) || wanted.length !== body.children.length)
        body.replaceChildren(...wanted);
      for (const service of services) {
        const row = rowOf(service.id);
        const { displayName, processId, since, attempts, maxAttempts, latencyMs } = service;
        setText(cell(row, 'service'), displayName);
        state(row, service);
        setText(cell(row, 'process'), processId === null ? '–' : String(processId));
        const when = cell(row, 'since');
        if (when.dataset['at'] !== String(since)) when.replaceChildren(since ? moment(since, language) : '–');
        when.dataset['at'] = String(since);
        setText(cell(row, 'attempts'), t('attempts.of', { attempts, max: maxAttempts }));
        setText(cell(row, 'latency'), latencyMs === null ? '–' : milliseconds(latencyMs, language));
      }
      byId('services').setAttribute('aria-busy', 'false');
    },
    showUptime({ services }, span) {
      for (const service of services)
        cell(rowOf(service.id), 'uptime').replaceChildren(uptimeBars(service, span, { t, language }));
    },
  };
}
