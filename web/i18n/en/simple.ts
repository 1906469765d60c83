export const simple = {
  'signIn.intro':
    'This panel asks who you are. Give the token from ORCHESTRATOR_TOKEN or ORCHESTRATOR_READ_TOKEN.',
  'signIn.token': 'Token',
  'signIn.submit': 'Sign in',
  'signIn.refused': 'That token is not known here.',
  'signIn.scripts': 'Scripts send it as a header instead: Authorization: Bearer …',

  'notFound.text': 'No page has this address.',
  'notFound.home': 'To the services',
} as const;
