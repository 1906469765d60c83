import type { Language } from '../../core/contract/errors.ts';

/** Sentences of the API's own answers. Those of the pages are in web/i18n, errors in core/contract/errors.ts. */
const texts = {
  'self.start': {
    en: 'The panel asks for its own start. It runs already, so nothing else changes.',
    ru: 'Панель запрашивает собственный запуск. Она уже работает, больше ничего не изменится.',
  },
  'self.stop': {
    en: 'The panel stops in a moment and this address goes silent. To start it again: Start-Orchestrator panel',
    ru: 'Панель сейчас остановится, этот адрес замолчит. Запустить снова: Start-Orchestrator panel',
  },
  'self.restart': {
    en: 'The panel restarts in a moment. The page connects again by itself.',
    ru: 'Панель сейчас перезапустится. Страница подключится снова сама.',
  },
  'comfy.external': {
    en: 'It runs elsewhere: start it there.',
    ru: 'Она работает в другом месте: запустите её там.',
  },
  'comfy.unwatched': {
    en: 'The guardian is down, so nothing heals it: Start-Orchestrator guardian, {id}',
    ru: 'Страж не работает, сама она не починится: Start-Orchestrator guardian, {id}',
  },
  'comfy.healing': {
    en: 'The guardian restarts it at {at}; try again after that.',
    ru: 'Страж перезапустит её в {at}; попробуйте после этого.',
  },
  'comfy.start': { en: 'Start it: Start-Orchestrator {id}', ru: 'Запустите её: Start-Orchestrator {id}' },
  'comfy.watched': {
    en: 'The guardian watches it; try again in a moment.',
    ru: 'Страж следит за ней; попробуйте через минуту.',
  },
} as const satisfies Record<string, Record<Language, string>>;

export function text(key: keyof typeof texts, language: Language): string {
  return texts[key][language];
}
