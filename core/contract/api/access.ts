import { z } from 'zod';
import type { ApiRoute } from './route.ts';

const leads = 'The header Location leads on';

export const accessRoutes: readonly ApiRoute[] = [
  {
    method: 'POST',
    path: '/sign-in',
    summary: 'trades a token for a session cookie',
    description:
      'For the form of the page; scripts send `Authorization: Bearer …` with each request instead.',
    role: 'anyone',
    body: {
      type: 'application/x-www-form-urlencoded',
      schema: z.object({ token: z.string(), next: z.string().optional() }),
      description: '`next` is a path of this panel.',
    },
    answers: { 303: { description: `${leads}: to \`next\` with a cookie, or back to the form.` } },
  },
  {
    method: 'POST',
    path: '/sign-out',
    summary: 'takes the session cookie back',
    role: 'anyone',
    answers: { 303: { description: `${leads} to the form.` } },
  },
];
