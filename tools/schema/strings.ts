import { type DetailKey, details } from '../../core/contract/details.ts';
import { type ErrorText, errors, type Language } from '../../core/contract/errors.ts';

const header = '# Generated from core/contract by npm run schema. Do not edit.\n';

/**
 * A PowerShell literal for any text. PowerShell takes the typographic single quotes for the straight one, so each
 * ends the literal unless it is doubled.
 */
export function quote(text: string): string {
  return `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`;
}

function entry(code: string, { what, why, fix }: ErrorText): string {
  const lines = Object.entries({ what, why, fix }).map(([key, text]) => `    ${key} = ${quote(text)}\n`);
  return `  ${code} = @{\n${lines.join('')}  }\n`;
}

/** The string table of a language: code → what, why, fix. */
export function stringsFile(language: Language): string {
  const entries = Object.entries(errors).map(([code, texts]) => entry(code, texts[language]));
  return `${header}@{\n${entries.join('')}}\n`;
}

/** The sentences that say which value a manifest allows at a place. */
export function detailsFile(language: Language): string {
  const lines = (Object.keys(details) as DetailKey[]).map(
    (key) => `  ${key} = ${quote(details[key][language])}\n`,
  );
  return `${header}@{\n${lines.join('')}}\n`;
}
