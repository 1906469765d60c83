import type { Incident } from '../../core/contract/state.ts';
import { byId, make } from './dom.ts';
import type { Words } from './frame.ts';
import { clockTime, duration, moment } from './time.ts';

type Named = readonly { readonly id: string; readonly displayName: string }[];

export interface IncidentsOptions extends Words {
  /** Shows the incident's lines in the log; without it there is no such button. */
  readonly jump?: (incident: Incident) => void;
}

/** The list of what went wrong, by days, the newest first. What the reader has opened stays open. */
export function createIncidents({ t, language, jump }: IncidentsOptions): {
  show(incidents: readonly Incident[], services: Named): void;
} {
  const place = byId('incidents');
  const empty = byId('incidents-empty');
  let shown = '';
  /** A link to an incident opens it, once it is there. */
  let target = location.hash.slice(1);

  function item(incident: Incident, name: string, open: boolean): HTMLElement {
    const { id, cause, outcome, openedAt, closedAt } = incident;
    const lasted = closedAt === null ? null : duration(Date.parse(closedAt) - Date.parse(openedAt), language);
    const summary = make(
      'summary',
      {},
      make('span', { class: 'outcome-word', 'data-outcome': outcome }, t(`outcome.${outcome}`)),
      moment(openedAt, language),
      make(
        'span',
        { class: 'incident-cause' },
        make('b', {}, name),
        ': ',
        cause,
        lasted === null ? null : make('i', {}, ` ${t('incident.lasted', { time: lasted })}`),
      ),
    );
    return make(
      'li',
      {},
      make('details', { 'data-id': id, id, open: open ? '' : null }, summary, ...content(incident)),
    );
  }

  function content(incident: Incident): Node[] {
    const { evidence, advice } = incident;
    const nodes: Node[] = [make('dl', {}, ...tried(incident), ...row(t('incident.advice'), advice))];
    if (evidence.length === 0) return nodes;
    nodes.push(
      make('p', { class: 'evidence-label' }, t('incident.evidence')),
      make('pre', { tabindex: '0' }, evidence.join('\n')),
    );
    if (!jump) return nodes;
    const button = make('button', { type: 'button' }, t('incident.log'));
    button.addEventListener('click', () => jump(incident));
    nodes.push(button);
    return nodes;
  }

  function tried({ attempts }: Incident): Node[] {
    const lines = attempts.map(({ number, at, result }) =>
      make('li', {}, `${number}. ${clockTime(new Date(at), language)} – ${result}`),
    );
    return row(
      t('incident.tried'),
      lines.length === 0 ? t('incident.triedNothing') : make('ul', {}, ...lines),
    );
  }

  function row(label: string, text: string | Node): Node[] {
    return text === '' ? [] : [make('dt', {}, label), make('dd', {}, text)];
  }

  function days(incidents: readonly Incident[]): Map<string, Incident[]> {
    const format = new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long' });
    const found = new Map<string, Incident[]>();
    for (const incident of incidents) {
      const day = format.format(new Date(incident.openedAt));
      found.set(day, [...(found.get(day) ?? []), incident]);
    }
    return found;
  }

  return {
    show(incidents, services) {
      const names = new Map(services.map(({ id, displayName }) => [id, displayName]));
      const next = JSON.stringify([incidents, [...names]]);
      empty.textContent = t('incidents.none');
      empty.hidden = incidents.length > 0;
      if (next === shown) return;
      shown = next;
      const open = new Set(
        [...place.querySelectorAll<HTMLElement>('details[open]')].map(({ dataset }) => dataset['id']),
      );
      const linked = incidents.some(({ id }) => id === target);
      if (linked) open.add(target);
      place.replaceChildren(
        ...[...days(incidents)].flatMap(([day, those]) => [
          make('h3', { class: 'day' }, day),
          make(
            'ol',
            {},
            ...those.map((incident) =>
              item(incident, names.get(incident.service) ?? incident.service, open.has(incident.id)),
            ),
          ),
        ]),
      );
      if (!linked) return;
      document.getElementById(target)?.scrollIntoView();
      target = '';
    },
  };
}
