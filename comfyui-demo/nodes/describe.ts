import { type Json, PyFloat } from '../json.ts';
import { atLeast } from '../versions/profile.ts';
import type { Catalog, InputSpec, NodeSpec } from './spec.ts';

/** An input of a node class as one version knows it. */
export interface InputInfo {
  name: string;
  section: 'required' | 'optional';
  /** a type name, or the list of choices */
  type: string | readonly string[];
  /** choices, whichever way the version writes them */
  choices: readonly string[] | null;
  limits: Readonly<Record<string, Json>>;
  /** as /object_info shows it: [type] or [type, options] */
  shown: readonly unknown[];
}

const mapValues = (object: Readonly<Record<string, Json>>, change: (value: Json) => unknown) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
const asFloat = (value: Json): unknown => (typeof value === 'number' ? new PyFloat(value) : value);

/** Options as the spec has them for this version. */
function plainOptions(input: InputSpec, { profile }: Catalog): Record<string, Json> {
  const [since, later] = input.configSince ?? [];
  return { ...input.config, ...(since && atLeast(profile.version, since) && later) };
}

function describeInput(spec: NodeSpec, input: InputSpec, catalog: Catalog): InputInfo {
  const limits = plainOptions(input, catalog);
  const options = {
    ...(input.type === 'FLOAT' ? mapValues(limits, asFloat) : limits),
    ...(input.tooltip && catalog.profile.tooltips && { tooltip: input.tooltip }),
  };
  const choices = typeof input.type === 'string' ? null : input.type(catalog);
  const named = choices !== null && spec.module !== undefined && catalog.profile.comboOptions;
  const type = named ? 'COMBO' : (choices ?? (input.type as string));
  const all = named ? { ...options, multiselect: false, options: choices } : options;
  return {
    name: input.name,
    section: input.section === 'optional' ? 'optional' : 'required',
    type,
    choices,
    limits,
    shown: Object.keys(all).length > 0 ? [type, all] : [type],
  };
}

const knows = (catalog: Catalog, input: InputSpec): boolean =>
  input.since === undefined || atLeast(catalog.profile.version, input.since);

/** The inputs that a graph may give, in order; hidden ones are left out. */
export const describeInputs = (spec: NodeSpec, catalog: Catalog): InputInfo[] =>
  spec.inputs
    .filter((input) => input.section !== 'hidden' && knows(catalog, input))
    .map((input) => describeInput(spec, input, catalog));

function inputSections(spec: NodeSpec, catalog: Catalog): Record<string, Record<string, unknown>> {
  const sections: Record<string, Record<string, unknown>> = { required: {} };
  for (const info of describeInputs(spec, catalog)) {
    sections[info.section] ??= {};
    Object.assign(sections[info.section] ?? {}, { [info.name]: info.shown });
  }
  for (const input of spec.inputs) {
    if (input.section !== 'hidden') continue;
    sections.hidden ??= {};
    sections.hidden[input.name] = input.type;
  }
  return sections;
}

/** One class of /object_info. */
export function describeNode(spec: NodeSpec, catalog: Catalog): Record<string, unknown> {
  const { profile } = catalog;
  const input = inputSections(spec, catalog);
  const modern = profile.tooltips;
  const displayName = (!modern && spec.oldDisplayName) || spec.displayName || spec.name;
  return {
    input,
    ...(profile.inputOrder && { input_order: mapKeys(input) }),
    output: spec.outputs,
    output_is_list: spec.outputs.map(() => false),
    output_name: spec.outputNames ?? spec.outputs,
    name: spec.name,
    display_name: displayName,
    description: modern ? (spec.description ?? '') : '',
    ...(modern && { python_module: spec.module ?? 'nodes' }),
    category: spec.category,
    output_node: spec.outputNode ?? false,
    ...(modern && spec.outputTooltips && { output_tooltips: spec.outputTooltips }),
  };
}

const mapKeys = (sections: Record<string, Record<string, unknown>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(sections).map(([name, inputs]) => [name, Object.keys(inputs)]));
