import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AuditEntry } from '../../core/contract/audit.ts';
import { OrchestratorError } from '../../core/contract/errors.ts';
import type { Attempts } from './attempts.ts';
import { type Auth, type Role, sessionCookie } from './auth.ts';
import { cookieValue } from './language.ts';

/** Who sends a request, as far as that can be told. */
export interface Sender {
  /** Null for somebody without a token that is known. */
  readonly role: Role | null;
  readonly who: AuditEntry['who'];
}

export type Access = (request: IncomingMessage) => Sender;

export const nobody: AuditEntry['who'] = { role: 'nobody', by: 'none', session: null };

/** Reads who sends a request. A wrong token counts against its address; ORC4010 when there were too many. */
export function createAccess({ auth, attempts }: { auth: Auth; attempts: Attempts }): Access {
  return ({ headers, socket }) => {
    if (!auth.required) return { role: 'operator', who: { role: 'operator', by: 'local', session: null } };
    const { authorization } = headers;
    const session = cookieValue(headers.cookie, sessionCookie);
    if (authorization !== undefined) {
      refuseWhenBlocked(attempts, socket.remoteAddress);
      const role = auth.roleOf({ authorization });
      if (role === null) attempts.failed(socket.remoteAddress);
      return { role, who: role ? { role, by: 'token', session: null } : nobody };
    }
    const role = auth.roleOf({ session });
    return { role, who: role && session ? { role, by: 'session', session: sessionMark(session) } : nobody };
  };
}

export function refuseWhenBlocked(attempts: Attempts, address: string | undefined): void {
  const seconds = attempts.blockedFor(address);
  if (seconds !== null) throw new OrchestratorError('ORC4010', { seconds });
}

/** Tells sessions apart without telling what they are. */
export function sessionMark(session: string): string {
  return createHash('sha256').update(`audit ${session}`).digest('hex').slice(0, 8);
}
