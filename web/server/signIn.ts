import { setTimeout as pause } from 'node:timers/promises';
import { OrchestratorError } from '../../core/contract/errors.ts';
import { refuseWhenBlocked, sessionMark } from './access.ts';
import type { Attempts } from './attempts.ts';
import { type Auth, sessionCookie, sessionMs } from './auth.ts';
import type { Exchange } from './context.ts';
import { readBody } from './respond.ts';
import type { Route } from './routes.ts';

/** `POST /sign-in`: trades a token from the form for a session cookie. A wrong one costs a second. */
export function createSignIn({
  auth,
  attempts,
  secure,
  penaltyMs = 1000,
}: {
  auth: Auth;
  attempts: Attempts;
  secure: boolean;
  penaltyMs?: number;
}): { signIn: Route; signOut: Route } {
  const attributes = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;

  return {
    async signIn({ request, response, note }) {
      if (!String(request.headers['content-type']).startsWith('application/x-www-form-urlencoded')) {
        throw new OrchestratorError('ORC4005', { detail: 'The body is not a form.' });
      }
      const form = new URLSearchParams(await readBody(request, 4096));
      const next = localPath(form.get('next'));
      const { remoteAddress } = request.socket;
      refuseWhenBlocked(attempts, remoteAddress);
      const role = auth.roleOfToken(form.get('token') ?? '');
      if (!role) {
        attempts.failed(remoteAddress);
        note({ code: 'ORC4006' });
        await pause(penaltyMs);
      }
      if (role) {
        const session = auth.session(role);
        const age = Math.floor(sessionMs / 1000);
        note({ who: { role, by: 'token', session: sessionMark(session) } });
        response.setHeader('Set-Cookie', `${sessionCookie}=${session}; Max-Age=${age}; ${attributes}`);
      }
      redirect(response, role ? next : `/sign-in?next=${encodeURIComponent(next)}#refused`);
    },
    signOut({ response }) {
      response.setHeader('Set-Cookie', `${sessionCookie}=; Max-Age=0; ${attributes}`);
      redirect(response, '/sign-in');
    },
  };
}

/** Only a path of this panel, so that the form cannot be used to send somebody elsewhere. */
export function localPath(next: string | null): string {
  return next !== null && /^\/(?![/\\])[\w\-./]*$/.test(next) ? next : '/';
}

export function redirect(response: Exchange['response'], location: string): void {
  response.writeHead(303, { Location: location, 'Cache-Control': 'no-store' });
  response.end();
}
