import type { simple as english } from '../en/simple.ts';

export const simple: Readonly<Record<keyof typeof english, string>> = {
  'signIn.intro':
    'Панель спрашивает, кто вы. Введите ключ из ORCHESTRATOR_TOKEN или ORCHESTRATOR_READ_TOKEN.',
  'signIn.token': 'Ключ',
  'signIn.submit': 'Войти',
  'signIn.refused': 'Такого ключа здесь не знают.',
  'signIn.scripts': 'Скрипты передают его заголовком: Authorization: Bearer …',

  'notFound.text': 'Такой страницы нет.',
  'notFound.home': 'К службам',
};
