import type { Incident } from '../../core/contract/state.ts';
import type { SystemStatus } from '../../core/status/picture.ts';
import { byId, make } from './dom.ts';
import type { Translate } from './text.ts';
import { clockTime, moment } from './time.ts';

/** The list of what went wrong lately. What the reader has opened stays open. */
export function createIncidents({ t, language }: { t: Translate; language: string }): {
  show(status: SystemStatus): void;
} {
  const list = byId('incidents');
  const empty = byId('incidents-empty');
  let shown = '';

  function item(incident: Incident, name: string, open: boolean): HTMLElement {
    const { cause, outcome, openedAt, evidence, advice } = incident;
    const summary = make(
      'summary',
      {},
      make('span', { class: 'outcome-word', 'data-outcome': outcome }, t(`outcome.${outcome}`)),
      make('span', { class: 'incident-cause' }, make('b', {}, name), ': ', cause),
      moment(openedAt, language),
    );
    const details = make(
      'details',
      { 'data-id': incident.id, open: open ? '' : null },
      summary,
      make('dl', {}, ...tried(incident), ...row(t('incident.advice'), advice)),
      evidence.length === 0 ? null : make('p', { class: 'evidence-label' }, t('incident.evidence')),
      evidence.length === 0 ? null : make('pre', { tabindex: '0' }, evidence.join('\n')),
    );
    return make('li', {}, details);
  }

  function tried({ attempts }: Incident): Node[] {
    const lines = attempts.map(({ number, at, result }) =>
      make('li', {}, `${number}. ${clockTime(new Date(at), language)} – ${result}`),
    );
    const content = lines.length === 0 ? t('incident.triedNothing') : make('ul', {}, ...lines);
    return row(t('incident.tried'), content);
  }

  function row(label: string, content: string | Node): Node[] {
    return content === '' ? [] : [make('dt', {}, label), make('dd', {}, content)];
  }

  return {
    show({ incidents, services }) {
      const names = new Map(services.map(({ id, displayName }) => [id, displayName]));
      const next = JSON.stringify([incidents, [...names]]);
      empty.textContent = t('incidents.none');
      empty.hidden = incidents.length > 0;
      if (next === shown) return;
      shown = next;
      const open = new Set(
        [...list.querySelectorAll<HTMLElement>('details[open]')].map(({ dataset }) => dataset['id']),
      );
      list.replaceChildren(
        ...incidents.map((incident) =>
          item(incident, names.get(incident.service) ?? incident.service, open.has(incident.id)),
        ),
      );
    },
  };
}
