import { createHmac, timingSafeEqual } from 'node:crypto';

/** `operator` may do everything, `reader` only look. */
export type Role = 'operator' | 'reader';

export interface Auth {
  /** False on a panel without tokens: everybody who reaches it is an operator. */
  readonly required: boolean;
  /** The role that an Authorization header or a session cookie gives; null for none. */
  roleOf(request: { authorization?: string | undefined; session?: string | null | undefined }): Role | null;
  /** The role that a token gives. */
  roleOfToken(token: string): Role | null;
  /** A value for the session cookie. It ends after `sessionMs`, or when the token is changed. */
  session(role: Role): string;
}

export const sessionCookie = 'orchestrator_session';
export const sessionMs = 7 * 24 * 3_600_000;

/** Compares tokens by their digests, so that neither length nor content shows in the time it takes. */
export function createAuth({
  token,
  readToken,
  clock = Date.now,
}: {
  token: string | null;
  readToken: string | null;
  clock?: () => number;
}): Auth {
  const tokens: (readonly [Role, string])[] = [];
  if (token) tokens.push(['operator', token]);
  if (readToken) tokens.push(['reader', readToken]);

  const digest = (key: string, text: string) => createHmac('sha256', key).update(text).digest();
  const same = (a: string, b: string) => timingSafeEqual(digest('compare', a), digest('compare', b));
  const sign = (key: string, text: string) => digest(key, `session ${text}`).toString('base64url');

  function roleOfToken(given: string): Role | null {
    let role: Role | null = null;
    for (const [name, value] of tokens) if (same(given, value)) role ??= name;
    return role;
  }

  function roleOfSession(session: string): Role | null {
    const [role, until, mark, ...rest] = session.split('.');
    const key = tokens.find(([name]) => name === role)?.[1];
    if (!key || !until || !mark || rest.length > 0 || !(Number(until) > clock())) return null;
    return same(mark, sign(key, `${role}.${until}`)) ? (role as Role) : null;
  }

  return {
    required: tokens.length > 0,
    roleOfToken,
    roleOf({ authorization, session }) {
      if (tokens.length === 0) return 'operator';
      const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
      if (bearer !== undefined) return roleOfToken(bearer);
      return session ? roleOfSession(session) : null;
    },
    session(role) {
      const key = tokens.find(([name]) => name === role)?.[1] ?? '';
      const text = `${role}.${clock() + sessionMs}`;
      return `${text}.${sign(key, text)}`;
    },
  };
}
