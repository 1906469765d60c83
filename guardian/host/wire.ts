import type { HostRequest, HostSpec } from '../../core/contract/hostProtocol.ts';

/**
 * The shapes of core/contract/hostProtocol.ts once more, by hand: zod would cost a host 10 MB and 50 ms of start.
 * A property test holds both to the same verdicts.
 */
type Check = (value: unknown, at: string) => string | null;

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: string };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text: Check = (value, at) => (typeof value === 'string' ? null : `${at} is not text`);
const flag: Check = (value, at) => (typeof value === 'boolean' ? null : `${at} is not true or false`);
const whole: Check = (value, at) => (Number.isSafeInteger(value) ? null : `${at} is not a whole number`);
const count: Check = (value, at) =>
  whole(value, at) ?? ((value as number) >= 0 ? null : `${at} is less than 0`);

const listOf =
  (item: Check): Check =>
  (value, at) => {
    if (!Array.isArray(value)) return `${at} is not a list`;
    for (const [index, one] of value.entries()) {
      const fault = item(one, `${at}/${index}`);
      if (fault !== null) return fault;
    }
    return null;
  };

const mapOf =
  (item: Check): Check =>
  (value, at) => {
    if (!isObject(value)) return `${at} is not an object`;
    for (const [key, one] of Object.entries(value)) {
      const fault = item(one, `${at}/${key}`);
      if (fault !== null) return fault;
    }
    return null;
  };

function shape(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  return (value, at) => {
    if (!isObject(value)) return `${at === '' ? 'the request' : at} is not an object`;
    for (const [key, check] of Object.entries(required)) {
      const fault = check(value[key], `${at}/${key}`);
      if (fault !== null) return fault;
    }
    for (const key of Object.keys(value)) {
      if (Object.hasOwn(required, key)) continue;
      if (!Object.hasOwn(optional, key)) return `${at}/${key} is not known`;
      const fault = value[key] === undefined ? null : (optional[key]?.(value[key], `${at}/${key}`) ?? null);
      if (fault !== null) return fault;
    }
    return null;
  };
}

const spec = shape({
  id: text,
  dataDir: text,
  command: shape({ file: text, args: listOf(text) }),
  cwd: text,
  env: mapOf(text),
  stdout: text,
  stderr: text,
  rotateBytes: whole,
  keepBytes: whole,
  keepDays: whole,
  stopTimeoutMs: whole,
  restart: flag,
});

const verbs: Record<string, Check> = {
  start: shape({ verb: text }, { spec }),
  stop: shape({ verb: text, timeoutMs: count, release: flag }),
  query: shape({ verb: text }),
};

const request: Check = (value, at) => {
  if (!isObject(value)) return 'the request is not an object';
  const { verb } = value as { verb?: unknown };
  const check = typeof verb === 'string' && Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  return check === undefined ? '/verb is not start, stop or query' : check(value, at);
};

function parse<T>(line: string, check: Check): Parsed<T> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { ok: false, fault: 'it is not JSON' };
  }
  const fault = check(value, '');
  return fault === null ? { ok: true, value: value as T } : { ok: false, fault };
}

export function parseRequest(line: string): Parsed<HostRequest> {
  return parse<HostRequest>(line, request);
}

/** The argument a host is started with. */
export function parseSpecArgument(base64: string): Parsed<HostSpec> {
  return parse<HostSpec>(Buffer.from(base64, 'base64').toString('utf8'), spec);
}
