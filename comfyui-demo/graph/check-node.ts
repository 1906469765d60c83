import { floatText, isObject, type Json } from '../json.ts';
import { describeInputs, type InputInfo } from '../nodes/describe.ts';
import type { Registry } from '../nodes/registry.ts';
import type { Catalog, NodeSpec } from '../nodes/spec.ts';
import { keyError, PyError, repr, str, toBool, toFloat, toInt } from './python.ts';
import { traceOfNode } from './trace.ts';
import type { Graph, Inputs } from './types.ts';

export interface Finding {
  type: string;
  message: string;
  details: string;
  extra_info: Record<string, unknown>;
}
export interface Verdict {
  valid: boolean;
  findings: Finding[];
}

export interface CheckContext {
  graph: Graph;
  registry: Registry;
  catalog: Catalog;
  verdicts: Map<string, Verdict>;
  /** node ids being checked now: one met again closes a cycle */
  path: Set<string>;
}

/** With more choices than this, the list is replaced by its length. */
const MAX_LISTED = 20;

const own = (object: Record<string, unknown>, key: string): boolean => Object.hasOwn(object, key);

function nodeOf(graph: Graph, id: unknown): Graph[string] {
  const node = typeof id === 'string' && own(graph, id) ? graph[id] : undefined;
  if (!node) throw keyError(id);
  return node;
}

const configOf = (info: InputInfo, { profile }: Catalog): readonly unknown[] =>
  info.shown.length === 1 && !profile.validation.bareConfig ? [...info.shown, {}] : info.shown;

/** The type that a link brings. @throws PyError where indexing would */
function linkedType(link: readonly Json[], { graph, registry }: CheckContext): string {
  const [id, slot] = link;
  const spec = registry.get(nodeOf(graph, id).class_type);
  if (!spec) throw keyError(nodeOf(graph, id).class_type);
  const index = slot === true ? 1 : slot === false ? 0 : slot;
  if (typeof index !== 'number' || !Number.isInteger(index)) {
    const kind = typeof slot === 'string' ? 'str' : typeof slot === 'number' ? 'float' : 'NoneType';
    throw new PyError('TypeError', `tuple indices must be integers or slices, not ${kind}`);
  }
  const type = spec.outputs.at(index);
  if (type === undefined) throw new PyError('IndexError', 'tuple index out of range');
  return type;
}

const typeText = (type: InputInfo['type']): string => (typeof type === 'string' ? type : repr([...type]));

function checkLink(link: readonly Json[], info: InputInfo, context: CheckContext): Finding | boolean {
  const { catalog, verdicts } = context;
  const inputConfig = configOf(info, catalog);
  if (link.length !== 2) {
    const message = 'Bad linked input, must be a length-2 list of [node_id, slot_index]';
    const extra = { input_name: info.name, input_config: inputConfig, received_value: link };
    return { type: 'bad_linked_input', message, details: info.name, extra_info: extra };
  }
  const received = linkedType(link, context);
  if (received !== info.type && info.type !== '*') {
    const mismatch = catalog.profile.validation.mismatchText(received, typeText(info.type));
    return {
      type: 'return_type_mismatch',
      message: 'Return type mismatch between linked nodes',
      details: `${info.name}, ${mismatch}`,
      extra_info: {
        input_name: info.name,
        input_config: inputConfig,
        received_type: received,
        linked_node: link,
      },
    };
  }
  const id = link[0] as string;
  try {
    return checkNode(id, context).valid;
  } catch (error) {
    if (!(error instanceof PyError)) throw error;
    verdicts.set(id, { valid: false, findings: [innerFinding(error, link, info, context)] });
    return false;
  }
}

const innerFinding = (
  error: PyError,
  link: readonly Json[],
  info: InputInfo,
  { catalog }: CheckContext,
): Finding => ({
  type: 'exception_during_inner_validation',
  message: 'Exception when validating inner node',
  details: error.message,
  extra_info: {
    input_name: info.name,
    input_config: configOf(info, catalog),
    exception_message: error.message,
    exception_type: error.type,
    traceback: traceOfNode(catalog.profile.trace),
    linked_node: link,
  },
});

function convert(value: Json, type: InputInfo['type'], booleans: boolean): Json {
  if (type === 'INT') return toInt(value);
  if (type === 'FLOAT') return toFloat(value);
  if (type === 'STRING') return str(value);
  if (type === 'BOOLEAN' && booleans) return toBool(value);
  return value;
}

const numberText = (value: Json, type: InputInfo['type']): string =>
  type === 'FLOAT' ? floatText(Number(value)) : str(value);

function checkRange(value: Json, info: InputInfo, extra: Record<string, unknown>): Finding | null {
  const { min, max } = info.limits as { min?: number; max?: number | bigint };
  if (typeof value !== 'number' && typeof value !== 'bigint') return null;
  const upper = (info.shown[1] as { max?: number | bigint } | undefined)?.max;
  const limit = typeof upper === 'number' || typeof upper === 'bigint' ? upper : max;
  const say = (number: Json): string => numberText(number, info.type);
  if (min !== undefined && value < min)
    return {
      type: 'value_smaller_than_min',
      message: `Value ${say(value)} smaller than min of ${say(min)}`,
      details: info.name,
      extra_info: extra,
    };
  if (limit !== undefined && value > limit)
    return {
      type: 'value_bigger_than_max',
      message: `Value ${say(value)} bigger than max of ${say(limit)}`,
      details: info.name,
      extra_info: extra,
    };
  return null;
}

function checkChoice(value: Json, info: InputInfo, extra: Record<string, unknown>): Finding | null {
  const { choices } = info;
  if (!choices || (typeof value === 'string' && choices.includes(value))) return null;
  const long = choices.length > MAX_LISTED;
  const list = long ? `(list of length ${choices.length})` : repr([...choices]);
  return {
    type: 'value_not_in_list',
    message: 'Value not in list',
    details: `${info.name}: '${str(value)}' not in ${list}`,
    extra_info: long ? { ...extra, input_config: null } : extra,
  };
}

function checkValue(inputs: Inputs, info: InputInfo, spec: NodeSpec, catalog: Catalog): Finding | null {
  const { validation } = catalog.profile;
  const given = inputs[info.name] as Json;
  const extra = { input_name: info.name, input_config: configOf(info, catalog), received_value: given };
  let value: Json;
  try {
    const wrapped = isObject(given) && own(given, '__value__') && validation.booleans;
    value = convert(wrapped ? (given.__value__ as Json) : given, info.type, validation.booleans);
  } catch (error) {
    if (!(error instanceof PyError)) throw error;
    return {
      type: 'invalid_input_type',
      message: `Failed to convert an input value to a ${typeText(info.type)} value`,
      details: `${info.name}, ${str(given)}, ${error.message}`,
      extra_info: { ...extra, exception_message: error.message },
    };
  }
  inputs[info.name] = value;
  if (spec.customInputs?.includes(info.name)) return null;
  const found = { ...extra, received_value: value };
  return checkRange(value, info, found) ?? checkChoice(value, info, found);
}

function customFindings(spec: NodeSpec, inputs: Inputs, infos: InputInfo[], catalog: Catalog): Finding[] {
  const names = (spec.customInputs ?? []).filter((name) => own(inputs, name));
  const result = names.length > 0 ? (spec.customCheck?.(inputs, catalog) ?? true) : true;
  if (result === true) return [];
  return names.map((name) => {
    const info = infos.find((candidate) => candidate.name === name);
    const told = catalog.profile.validation.customPerInput && info;
    return {
      type: 'custom_validation_failed',
      message: 'Custom validation failed for node',
      details: `${name} - ${result}`,
      extra_info: {
        input_name: name,
        ...(told && { input_config: configOf(info, catalog), received_value: inputs[name] }),
      },
    };
  });
}

function checkInputs(spec: NodeSpec, inputs: Inputs, context: CheckContext): Verdict {
  const { catalog } = context;
  const all = describeInputs(spec, catalog);
  const infos = catalog.profile.validation.optionalInputs
    ? all
    : all.filter(({ section }) => section === 'required');
  const findings: Finding[] = [];
  let valid = true;
  for (const info of infos) {
    if (!own(inputs, info.name)) {
      if (info.section === 'required') findings.push(missing(info.name));
      continue;
    }
    const value = inputs[info.name] as Json;
    const result = Array.isArray(value)
      ? checkLink(value, info, context)
      : checkValue(inputs, info, spec, catalog);
    if (result === false) valid = false;
    else if (result && result !== true) findings.push(result);
  }
  findings.push(...customFindings(spec, inputs, all, catalog));
  return { valid: valid && findings.length === 0, findings };
}

const missing = (name: string): Finding => ({
  type: 'required_input_missing',
  message: 'Required input is missing',
  details: name,
  extra_info: { input_name: name },
});

/**
 * Checks one node and all that it links to; each node once. A node that closes a cycle makes all of the cycle
 * invalid with no findings of its own: the real servers run out of stack there and lose them.
 * @throws PyError where the check itself would raise
 */
export function checkNode(id: string, context: CheckContext): Verdict {
  const { graph, registry, verdicts, path } = context;
  const known = verdicts.get(id);
  if (known) return known;
  if (path.has(id)) return { valid: false, findings: [] };
  const node = nodeOf(graph, id);
  if (!isObject(node) || !own(node, 'inputs') || !isObject(node.inputs)) throw keyError('inputs');
  const spec = registry.get(node.class_type);
  if (!spec) throw keyError(node.class_type);
  path.add(id);
  try {
    const verdict = checkInputs(spec, node.inputs, context);
    verdicts.set(id, verdict);
    return verdict;
  } finally {
    path.delete(id);
  }
}
