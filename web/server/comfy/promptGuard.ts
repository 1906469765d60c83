import { type Language, OrchestratorError } from '../../../core/contract/errors.ts';

export type Judgement =
  | { readonly allowed: true }
  /** `problem` is what the sender is answered. */
  | { readonly allowed: false; readonly problem: OrchestratorError };

/** Whose job it is. */
export interface PromptContext {
  readonly requestId: string;
  readonly language: Language;
}

/** The one place where the words of a job are judged before it goes to ComfyUI. */
export interface PromptGuard {
  /** `texts`: every text that the job's nodes are given. */
  judge(texts: readonly string[], context: PromptContext): Promise<Judgement>;
}

/** Lets every job pass: what judges words is not part of this program yet, and the manifest has no key for it. */
export const openGuard: PromptGuard = { judge: async () => ({ allowed: true }) };

/** More than any real graph holds. */
const most = { texts: 10_000, depth: 8 };

/**
 * Reads the body of `POST /prompt` and returns the texts of its nodes. Throws ORC4005 for what is no JSON object, and
 * ORC4033 for a workflow as ComfyUI's page saves it, which ComfyUI itself would refuse with words that explain nothing.
 */
export function promptTexts(body: Buffer): string[] {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    throw new OrchestratorError('ORC4005', { detail: 'The body is not JSON.' });
  }
  if (!isObject(json)) throw new OrchestratorError('ORC4005', { detail: 'The body is not a JSON object.' });
  const graph = json['prompt'];
  if (isPageFormat(json) || isPageFormat(graph)) throw new OrchestratorError('ORC4033');
  const texts: string[] = [];
  if (isObject(graph)) {
    for (const node of Object.values(graph)) if (isObject(node)) collectInputs(node['inputs'], texts);
  }
  return texts;
}

/** `["4", 0]` as an input is a link to a node, and its first part no text. Deeper in an input ComfyUI knows no links. */
function isLink(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number'
  );
}

function collectInputs(inputs: unknown, texts: string[]): void {
  const each = isObject(inputs) ? Object.values(inputs) : [inputs];
  for (const input of each) if (!isLink(input)) collect(input, texts, 1);
}

function collect(value: unknown, texts: string[], depth: number): void {
  if (texts.length >= most.texts || depth > most.depth) {
    throw new OrchestratorError('ORC4005', { detail: 'The graph holds too many texts to be judged.' });
  }
  if (typeof value === 'string') texts.push(value);
  else if (Array.isArray(value)) {
    for (const each of value) collect(each, texts, depth + 1);
  } else if (isObject(value)) for (const each of Object.values(value)) collect(each, texts, depth + 1);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPageFormat(value: unknown): boolean {
  return isObject(value) && Array.isArray(value['nodes']) && Array.isArray(value['links']);
}
