import { isObject, type Json } from '../json.ts';
import type { Registry } from '../nodes/registry.ts';
import type { Catalog } from '../nodes/spec.ts';
import { checkNode, type Verdict } from './check-node.ts';
import type { Finding } from './check-value.ts';
import { PyError } from './python.ts';
import { traceOfPrompt } from './trace.ts';
import type { Graph } from './types.ts';

export interface PromptError {
  type: string;
  message: string;
  details: string;
  extra_info: Record<string, unknown>;
}

export interface NodeError {
  errors: Finding[];
  dependent_outputs: string[];
  class_type: string;
}

export type Validation =
  | { ok: true; graph: Graph; outputs: string[]; nodeErrors: Record<string, NodeError> }
  | { ok: false; error: PromptError; nodeErrors: Record<string, NodeError> };

export interface ValidateOptions {
  registry: Registry;
  catalog: Catalog;
  /** run only these output nodes */
  targets?: readonly string[] | null;
  log?: (line: string) => void;
}

const refusal = (type: string, message: string, details = ''): Validation => ({
  ok: false,
  error: { type, message, details, extra_info: {} },
  nodeErrors: {},
});

/** Whether `'class_type' in node` holds, raising where Python would. */
function hasClassType(node: Json): boolean {
  if (isObject(node)) return Object.hasOwn(node, 'class_type');
  if (Array.isArray(node)) return node.includes('class_type');
  if (typeof node === 'string') return node.includes('class_type');
  throw new PyError('TypeError', 'argument is not iterable');
}

/** The output nodes, or the refusal of a graph that has an unknown node. @throws PyError */
function findOutputs(graph: Record<string, Json>, { registry, catalog, targets }: ValidateOptions) {
  const outputs: string[] = [];
  for (const [id, node] of Object.entries(graph)) {
    const known = hasClassType(node);
    if (known && !isObject(node)) throw new PyError('TypeError', 'indices must be integers');
    const name = known && isObject(node) ? node.class_type : undefined;
    const spec = typeof name === 'string' ? registry.get(name) : undefined;
    if (!spec && catalog.profile.raisesOnUnknownClass) throw new PyError('KeyError', 'class_type');
    if (!known) {
      const message = 'Cannot execute because a node is missing the class_type property.';
      return refusal('invalid_prompt', message, `Node ID '#${id}'`);
    }
    if (!spec) {
      const message = `Cannot execute because node ${String(name)} does not exist.`;
      return refusal('invalid_prompt', message, `Node ID '#${id}'`);
    }
    if (spec.outputNode && (!targets || targets.includes(id))) outputs.push(id);
  }
  return outputs;
}

function verdictOf(
  id: string,
  graph: Graph,
  verdicts: Map<string, Verdict>,
  options: ValidateOptions,
): Verdict {
  try {
    return checkNode(id, { ...options, graph, verdicts, path: new Set() });
  } catch (error) {
    if (!(error instanceof PyError)) throw error;
    const finding: Finding = {
      type: 'exception_during_validation',
      message: 'Exception when validating node',
      details: error.message,
      extra_info: {
        exception_type: error.type,
        traceback: traceOfPrompt(options.catalog.profile.trace),
      },
    };
    const verdict = { valid: false, findings: [finding] };
    verdicts.set(id, verdict);
    return verdict;
  }
}

/** Adds every bad node met so far, and names `output` as one that suffers from it. */
function collect(
  output: string,
  graph: Graph,
  verdicts: Map<string, Verdict>,
  nodeErrors: Map<string, NodeError>,
  log: (line: string) => void,
): void {
  for (const [id, { valid, findings }] of verdicts) {
    if (valid || findings.length === 0) continue;
    let entry = nodeErrors.get(id);
    if (!entry) {
      entry = { errors: findings, dependent_outputs: [], class_type: graph[id]?.class_type ?? '' };
      nodeErrors.set(id, entry);
      log(`* ${entry.class_type} ${id}:`);
      for (const { message, details } of findings) log(`  - ${message}: ${details}`);
    }
    entry.dependent_outputs.push(output);
  }
}

/**
 * Checks a submitted graph. Values are converted in place (a width of "64" becomes 64), as on the real servers.
 * @throws PyError where a real server answers 500
 */
export function validateGraph(prompt: Json, options: ValidateOptions): Validation {
  const { log = () => {} } = options;
  if (Array.isArray(prompt) && prompt.length === 0)
    return refusal('prompt_no_outputs', 'Prompt has no outputs');
  if (!isObject(prompt)) throw new PyError('TypeError', 'a graph is an object');
  const found = findOutputs(prompt, options);
  if (!Array.isArray(found)) return found;
  if (found.length === 0) return refusal('prompt_no_outputs', 'Prompt has no outputs');

  const graph = prompt as unknown as Graph;
  const verdicts = new Map<string, Verdict>();
  const nodeErrors = new Map<string, NodeError>();
  const outputs: string[] = [];
  const details: string[] = [];
  for (const id of found) {
    const { valid, findings } = verdictOf(id, graph, verdicts, options);
    if (valid) {
      outputs.push(id);
      continue;
    }
    log(`Failed to validate prompt for output ${id}:`);
    details.push(...findings.map((finding) => `${finding.message}: ${finding.details}`));
    collect(id, graph, verdicts, nodeErrors, log);
    log('Output will be ignored');
  }
  const errors = Object.fromEntries(nodeErrors);
  if (outputs.length > 0) return { ok: true, graph, outputs, nodeErrors: errors };
  return {
    ok: false,
    error: {
      type: 'prompt_outputs_failed_validation',
      message: 'Prompt outputs failed validation',
      details: details.join('\n'),
      extra_info: {},
    },
    nodeErrors: errors,
  };
}
