import type { services as english } from '../en/services.ts';

export const services: Readonly<Record<keyof typeof english, string>> = {
  'ignite.button': 'Зажигание',
  'ignite.hint': 'Запускает всё, что не работает',
  'ignite.busy': 'Запускаю…',
  'ignite.nothing': 'Всё уже работает.',
  'ignite.started': 'Запущено: {names}.',
  'ignite.failed': '{name}: {what}',

  'services.heading': 'Службы',
  'services.loading': 'Загрузка…',
  'services.empty': 'В манифесте нет служб.',

  'badge.demo': 'демо',
  'badge.demoHint': 'Заменяет настоящую программу',
  'badge.external': 'внешняя',
  'badge.externalHint': 'Под наблюдением; отсюда не запускается и не останавливается',
  'badge.self': 'эта страница',

  'field.desired': 'Задано',
  'field.observed': 'На деле',
  'field.process': 'Процесс',
  'field.since': 'С какого времени',
  'field.attempts': 'Попытки',
  'field.next': 'Дальше',
  'field.latency': 'Отвечает за',
  'field.address': 'Адрес',
  'field.failure': 'Последний сбой',

  'attempts.of': '{attempts} из {max}',

  'next.restart': 'перезапуск',

  'exit.code': 'код выхода {code}',

  'action.start': 'Пуск',
  'action.stop': 'Стоп',
  'action.restart': 'Перезапуск',
  'action.of': '{action}: {name}',

  'busy.start': 'Запускаю…',
  'busy.stop': 'Останавливаю…',
  'busy.restart': 'Перезапускаю…',

  'confirm.self': 'Это остановит страницу, на которую вы смотрите. Запустить её снова отсюда нельзя.',
  'confirm.yes': 'Остановить панель',
  'confirm.no': 'Оставить',

  'uptime.label': 'Исправна {percent} времени за последние {span}',
  'uptime.none': 'Записей пока нет',
  'uptime.short': '{percent} за {span}',

  'span.1h': 'час',
  'span.6h': '6 часов',
  'span.24h': '24 часа',
  'span.7d': '7 дней',
  'span.30d': '30 дней',
};
