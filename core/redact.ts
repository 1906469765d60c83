const removed = '[removed]';

/** Addresses that name no machine in particular. */
const harmless = /^(?:127\.\d+\.\d+\.\d+|0\.0\.0\.0|::1|::)$/;

interface Rule {
  readonly pattern: RegExp;
  readonly put: string | ((match: string, ...groups: string[]) => string);
}

/** Each looks a limited way from any place, so that a long line costs no more than its length. */
const rules: readonly Rule[] = [
  // Colours and cursor movements, which could also hide something from the rules below.
  { pattern: /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, put: '' },
  { pattern: /[\u0000-\u0008\u000b-\u001f\u007f]/g, put: ' ' },
  // ComfyUI prints the whole graph, with the words of the prompt.
  { pattern: /(invalid prompt: ).*/gi, put: `$1${removed}` },
  { pattern: /(["']?\bprompt["']?\s*[:=]\s*)(["']).*?(?:\2|$)/gi, put: `$1${removed}` },
  { pattern: /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@]{1,256}@/gi, put: `$1${removed}@` },
  { pattern: /\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, put: `$1 ${removed}` },
  {
    pattern:
      /((?:(?:api[-_ ]?key|access[-_ ]?key|token|secret|passw(?:or)?d|pwd|credential|authorization|cookie|x-key|signature|session[-_ ]?id|sentry_dsn))["']?\s*[=:]\s*["']?)(?!\[removed\])(?:bearer\s+|basic\s+)?[^\s"',;&]+/gi,
    put: `$1${removed}`,
  },
  {
    pattern:
      /(?<![\w.!#$%&'*+/=?^`{|}~-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,10}[A-Za-z]{2,63}/g,
    put: removed,
  },
  {
    pattern:
      /\b(?:hf|sk|pk|rk|ghp|gho|ghu|ghs|ghr|glpat|xox[a-z]|npm|v1|dop_v1|shpat|github_pat)[_-][\w-]{8,}/g,
    put: removed,
  },
  { pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, put: removed },
  { pattern: /\beyJ[\w-]{6,}(?:\.[\w-]*){0,2}/g, put: removed },
  {
    pattern: /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)/g,
    put: (match) => (harmless.test(match) ? match : removed),
  },
  {
    pattern: /(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi,
    put: (match) => (isAddress6(match) && !harmless.test(match) ? removed : match),
  },
  // A UUID may happen to have no letter.
  {
    pattern: /(?<![0-9a-f])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f])/gi,
    put: removed,
  },
  // Long runs of letters and digits together: keys, hashes, ids of prompts.
  {
    pattern: /[A-Za-z0-9_+=-]{24,}/g,
    put: (match) => (/\d/.test(match) && /[A-Za-z]/.test(match) ? removed : match),
  },
];

/** An IPv6 address has seven colons, or is shortened by two in a row; a time of day has neither. */
function isAddress6(text: string): boolean {
  if (!/[0-9a-f]/i.test(text)) return false;
  return text.includes('::') || text.split(':').length === 8;
}

/**
 * The text without what should not leave its log file: keys, tokens, passwords, e-mail and network addresses, prompts.
 * Rather too much is removed than too little. Loopback addresses stay.
 */
export function redact(text: string): string {
  return rules.reduce(
    (result, { pattern, put }) =>
      typeof put === 'string' ? result.replace(pattern, put) : result.replace(pattern, put),
    text,
  );
}
