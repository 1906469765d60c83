import type { diagnostics as english } from '../en/diagnostics.ts';

export const diagnostics: Readonly<Record<keyof typeof english, string>> = {
  'table.service': 'Служба',
  'table.state': 'Состояние',
  'table.uptime': 'Доступность',

  'span.label': 'Период',

  'latency.heading': 'Время ответа',
  'latency.none': 'За этот период измерений нет.',
  'latency.loading': 'Рисую график…',
  'latency.failed': 'Историю прочитать не удалось.',
  'latency.mean': 'среднее',
  'latency.most': 'худшее',
  'latency.summary': '{name}: среднее {mean}, худшее {most}',

  'doctor.heading': 'Осмотр',
  'doctor.intro': 'Осматривает установку и машину, как Test-Orchestrator, и говорит, что делать.',
  'doctor.run': 'Осмотреть',
  'doctor.busy': 'Осматриваю…',
  'doctor.at': 'Осмотрено',
  'doctor.count': 'сбоев: {fail}, замечаний: {warn}, в порядке: {pass}, пропущено: {skip}',
  'doctor.fine': 'Показать, что в порядке или пропущено',

  'check.pass': 'в порядке',
  'check.warn': 'замечание',
  'check.fail': 'сбой',
  'check.skip': 'пропущено',
};
