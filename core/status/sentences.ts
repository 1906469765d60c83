import type { Language } from '../contract/errors.ts';

/** Reasons and warnings that the picture gives by itself; those of the guardian go through as they are. */
export const sentences = {
  elsewhere: {
    en: 'It runs elsewhere; the guardian has not looked at it.',
    ru: 'Работает в другом месте; страж её не проверял.',
  },
  skipped: {
    en: 'A file it requires is missing: {file}',
    ru: 'Нет нужного файла: {file}',
  },
  stopped: { en: 'It is stopped and should be.', ru: 'Остановлена, так и задано.' },
  neverAsked: { en: 'Nobody has asked for it to run.', ru: 'Запуск не запрошен.' },
  unwatched: {
    en: 'It runs, but the guardian is down: whether it answers is not known.',
    ru: 'Работает, но страж не отвечает: исправность неизвестна.',
  },
  selfUnwatched: {
    en: 'It answers you now, but the guardian is down: nobody watches it.',
    ru: 'Сейчас отвечает, но страж не работает: за ней никто не следит.',
  },
  unwanted: {
    en: 'It runs, but should be stopped.',
    ru: 'Работает, хотя должна быть остановлена.',
  },
  wantUnreadable: {
    en: 'It does not run, and what should be cannot be read.',
    ru: 'Не работает, а что задано, прочитать нельзя.',
  },
  notSeenYet: {
    en: 'It runs; the guardian has not looked at it yet.',
    ru: 'Работает; страж её ещё не проверил.',
  },
  lives: { en: 'Its process lives, and no more is asked of it.', ru: 'Процесс жив, большего не требуется.' },
  starting: { en: 'It is starting.', ru: 'Запускается.' },
  stopping: { en: 'It is stopping.', ru: 'Останавливается.' },
  gone: {
    en: 'Its process {processId} is gone.',
    ru: 'Процесса {processId} больше нет.',
  },
  exited: { en: 'It exited with code {exitCode}.', ru: 'Завершилась с кодом {exitCode}.' },
  killed: { en: 'It was ended by {signal}.', ru: 'Завершена сигналом {signal}.' },
  failed: { en: 'It could not be started: {error}', ru: 'Не удалось запустить: {error}' },
  notRunning: { en: 'It should run and does not.', ru: 'Должна работать, но не работает.' },
  unreadable: {
    en: 'Its state file cannot be read, so nothing is known of it.',
    ru: 'Файл состояния не читается: о службе ничего не известно.',
  },
  beating: { en: 'Its heartbeat is fresh.', ru: 'Пульс есть.' },
  silent: {
    en: 'It runs, but its last heartbeat is from {at}.',
    ru: 'Работает, но последний пульс был {at}.',
  },
  mute: { en: 'It runs, but there is no heartbeat.', ru: 'Работает, но пульса нет.' },
  foreignPulse: {
    en: 'The heartbeat is from process {other}, not from {processId}.',
    ru: 'Пульс от процесса {other}, а не {processId}.',
  },
  orphan: {
    en: 'Its host process {hostProcessId} is gone; the program itself still runs.',
    ru: 'Процесс-хозяин {hostProcessId} исчез, сама программа работает.',
  },
} as const satisfies Record<string, Record<Language, string>>;

export type SentenceKey = keyof typeof sentences;

export interface Sentence {
  readonly key: SentenceKey;
  readonly data?: Readonly<Record<string, string | number>>;
}

export function speak({ key, data = {} }: Sentence, language: Language): string {
  return sentences[key][language].replace(/\{(\w+)\}/g, (_, name: string) => String(data[name] ?? ''));
}
