import {
  type ErrorCode,
  type ErrorText,
  errors,
  errorText,
  isErrorCode,
  type Language,
} from '../../core/contract/errors.ts';

/** The body of every answer that is not a success (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly why: string;
  readonly fix: string;
  readonly requestId: string;
}

export const problemType = 'application/problem+json; charset=utf-8';

/** What an error brings along. Compared by shape: a bundle may hold its own copy of the class. */
interface CodedError {
  readonly code: ErrorCode;
  readonly data?: Readonly<Record<string, string | number>>;
  readonly name?: string;
  readonly message?: string;
}

/** Says an error in the caller's language. Anything unknown becomes ORC4008, without its message: that is for the log. */
export function toProblem({
  error,
  requestId,
  language,
}: {
  error: unknown;
  requestId: string;
  language: Language;
}): Problem {
  const coded: CodedError = isCoded(error) ? error : { code: 'ORC4008', data: { requestId } };
  const { code } = coded;
  const { what, why, fix } = wordsOf(coded, language);
  return {
    type: `urn:orchestrator:error:${code}`,
    title: what,
    status: errors[code].status,
    detail: [what, why, fix].filter(Boolean).join(' '),
    code,
    why,
    fix,
    requestId,
  };
}

export function isCoded(error: unknown): error is CodedError {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && isErrorCode(code);
}

function wordsOf({ code, data, name, message = '' }: CodedError, language: Language): ErrorText {
  // A cmdlet's error has ready sentences in the language of PowerShell, and no data to make others from.
  if (name !== 'CmdletError' || code === 'ORC3001') return errorText({ code, data: data ?? {}, language });
  const found = dataOf(code, message);
  return found ? errorText({ code, data: found, language }) : { what: message, why: '', fix: '' };
}

/** Finds the data of a ready text by the registry's own templates, so that it can be said in another language. */
function dataOf(code: ErrorCode, text: string): Record<string, string> | null {
  for (const language of ['en', 'ru'] as const) {
    const { what, why, fix } = errors[code][language];
    const match = templatePattern([what, why, fix]).exec(text.trim());
    if (match) return { ...match.groups };
  }
  return null;
}

function templatePattern(parts: readonly string[]): RegExp {
  const seen = new Set<string>();
  const source = parts.map((part) =>
    part
      .split(/(\{\w+\})/)
      .map((piece) => {
        const name = /^\{(\w+)\}$/.exec(piece)?.[1];
        if (name === undefined) return piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
        if (seen.has(name)) return `\\k<${name}>`;
        seen.add(name);
        return `(?<${name}>.*?)`;
      })
      .join(''),
  );
  return new RegExp(`^(?:ORC\\d{4}:\\s+)?${source.join('\\s+')}$`, 's');
}
