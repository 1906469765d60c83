import type { incidents as english } from '../en/incidents.ts';

export const incidents: Readonly<Record<keyof typeof english, string>> = {
  'incidents.heading': 'Недавние сбои',
  'incidents.none': 'Сбоев не записано.',

  'incident.tried': 'Попытки',
  'incident.triedNothing': 'пока ничего',
  'incident.evidence': 'Последние строки журнала',
  'incident.advice': 'Что делать',

  'outcome.open': 'идёт',
  'outcome.recovered': 'устранён',
  'outcome.exhausted': 'попытки исчерпаны',
  'outcome.stopped': 'остановлена',

  'incident.lasted': 'длился {time}',
  'incident.log': 'Показать в журнале',
  'incident.searching': 'Ищу его строки в журнале…',
  'incident.gone': 'Его строк в журнале больше нет.',

  'incidents.all': 'Все сбои',
};
