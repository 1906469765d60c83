import { isObject, type Json } from '../json.ts';
import { describeInputs, type InputInfo } from '../nodes/describe.ts';
import type { Registry } from '../nodes/registry.ts';
import type { Catalog, NodeSpec } from '../nodes/spec.ts';
import { checkValue, configOf, type Finding, typeText } from './check-value.ts';
import { keyError, PyError } from './python.ts';
import { traceOfNode } from './trace.ts';
import type { Graph, Inputs } from './types.ts';

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

const own = (object: Record<string, unknown>, key: string): boolean => Object.hasOwn(object, key);

function nodeOf(graph: Graph, id: unknown): Graph[string] {
  const node = typeof id === 'string' && own(graph, id) ? graph[id] : undefined;
  if (!node) throw keyError(id);
  return node;
}

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
 * invalid with no findings of its own: a check that calls itself until the stack ends, as the real servers' does,
 * loses them on its way back. That is reasoned from how they work, not recorded.
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
