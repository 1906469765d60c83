import type { common as english } from '../en/common.ts';

export const common: Readonly<Record<keyof typeof english, string>> = {
  'page.home': 'Службы',
  'page.signIn': 'Вход',
  'page.notFound': 'Здесь ничего нет',
  'page.description': 'Что работает, что не так и что с этим делать.',

  'skip.content': 'К содержанию',

  'theme.label': 'Тема',
  'theme.auto': 'Авто',
  'theme.light': 'Светлая',
  'theme.dark': 'Тёмная',

  'language.label': 'Язык',

  'noscript.text':
    'Чтобы показывать состояние, странице нужен её скрипт. Без него: Get-OrchestratorStatus в PowerShell или GET /api/status.',

  'overall.loading': 'Читаю состояние служб…',
  'overall.healthy': 'Всё работает',
  'overall.attention': 'Всё работает, но есть замечания',
  'overall.starting': 'Идёт запуск',
  'overall.recovering': 'Служба восстанавливается',
  'overall.failed': 'Служба не работает',
  'overall.stopped': 'Всё остановлено',
  'overall.unwatched': 'За службами никто не следит',
  'overall.count': 'исправно {healthy} из {all}',

  'guardian.down': 'Страж не работает: само сейчас ничего не починится.',
  'guardian.never': 'Пульса от него ещё не было.',
  'guardian.lastSeen': 'Последний пульс был {when}.',
  'guardian.fix': 'Запустите его ниже или командой: Start-Orchestrator guardian',

  'connection.lost': 'Связь с панелью потеряна. Показано состояние на {time}; пробую снова…',
  'connection.never': 'Панель не отвечает. Пробую снова…',
  'connection.back': 'Связь восстановлена.',

  'health.healthy': 'Исправна',
  'health.starting': 'Запускается',
  'health.suspect': 'Под подозрением',
  'health.restarting': 'Перезапуск',
  'health.cooling': 'Пауза',
  'health.exhausted': 'Попытки исчерпаны',
  'health.unhealthy': 'Неисправна',
  'health.stopped': 'Остановлена',
  'health.skipped': 'Пропущена',
  'health.unknown': 'Неизвестно',
  'health.stopping': 'Останавливается',

  'desired.running': 'работает',
  'desired.stopped': 'остановлена',

  'state.Running': 'работает',
  'state.Starting': 'запускается',
  'state.Stopping': 'останавливается',
  'state.Stopped': 'остановлена',
  'state.External': 'внешняя',
  'state.Skipped': 'пропущена',
  'state.Unknown': 'неизвестно',

  'error.offline': 'Панель не ответила.',
  'error.offlineFix': 'Проверьте, работает ли она: Get-OrchestratorStatus panel',
  'error.request': 'Запрос {id}',
  'error.dismiss': 'Скрыть',

  'role.reader': 'Вы можете смотреть, но не менять.',
  'role.signOut': 'Выйти',

  'announce.health': '{name}: {word}',

  'page.diagnostics': 'Диагностика',

  'nav.label': 'Страницы',
  'nav.home': 'Службы',
  'nav.diagnostics': 'Диагностика',
  'nav.comfy': 'ComfyUI',
  'nav.comfyHint': 'Собственная страница ComfyUI, в новой вкладке',
};
