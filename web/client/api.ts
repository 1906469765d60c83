import type { Translate } from './text.ts';

/** What went wrong, for a person. */
export interface Fault {
  readonly what: string;
  readonly why: string;
  readonly fix: string;
  readonly requestId: string | null;
}

export type Answer<T> =
  | { readonly ok: true; readonly status: number; readonly body: T }
  | { readonly ok: false; readonly fault: Fault };

/** Sends an action and never throws: what fails comes back as words. */
export async function post<T>(path: string, t: Translate): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'accept-language': document.documentElement.lang },
    });
    const body = await response.json();
    if (response.ok) return { ok: true, status: response.status, body };
    return { ok: false, fault: faultOf(body) };
  } catch {
    const fault = { what: t('error.offline'), why: '', fix: t('error.offlineFix'), requestId: null };
    return { ok: false, fault };
  }
}

/** What an address answers, or null when it does not: for what is shown beside the main thing. */
export async function get<T>(path: string): Promise<T | null> {
  try {
    const response = await fetch(path);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** Reads a problem answer. */
export function faultOf(problem: { title?: string; why?: string; fix?: string; requestId?: string }): Fault {
  const { title = '', why = '', fix = '', requestId = null } = problem;
  return { what: title, why, fix, requestId };
}
