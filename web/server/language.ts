import type { Language } from '../../core/contract/errors.ts';

/** The language a person chose on the page (cookie), else the better of the browser's, else English. */
export function chooseLanguage({
  cookie,
  acceptLanguage,
}: {
  cookie?: string | undefined;
  acceptLanguage?: string | undefined;
}): Language {
  const chosen = cookieValue(cookie, 'language');
  if (chosen === 'en' || chosen === 'ru') return chosen;
  return accepted(acceptLanguage ?? '');
}

export function cookieValue(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

function accepted(header: string): Language {
  let best: { language: Language; weight: number } = { language: 'en', weight: 0 };
  for (const part of header.slice(0, 512).split(',')) {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
    const q = parameters.map((text) => /^\s*q=([\d.]+)$/.exec(text)?.[1]).find(Boolean);
    const weight = q === undefined ? 1 : Number(q);
    const language = tag.startsWith('ru') ? 'ru' : tag.startsWith('en') ? 'en' : null;
    if (language && weight > best.weight) best = { language, weight };
  }
  return best.language;
}
