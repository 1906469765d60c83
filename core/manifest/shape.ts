import { z } from 'zod';
import type { DetailKey } from '../contract/details.ts';
import { envKeyPattern, type Manifest, manifestSchema } from '../contract/manifest.ts';
import type { Data, Fault } from './fault.ts';
import { nearest } from './nearest.ts';
import { type JsonNode, nodeAt, pointer } from './tree.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly const?: unknown;
}

let schemaCache: SchemaNode | undefined;
const jsonSchema = () => {
  schemaCache ??= z.toJSONSchema(manifestSchema, { io: 'input' }) as SchemaNode;
  return schemaCache;
};

/** The branch of a union that an object belongs to: the one whose constants it has, else the first with keys. */
function branchFor(schema: SchemaNode, node: JsonNode | null): SchemaNode | undefined {
  const branches = (schema.anyOf ?? schema.oneOf)?.filter(({ properties }) => properties);
  if (!branches) return schema;
  const fits = (branch: SchemaNode) =>
    Object.entries(branch.properties ?? {}).every(([key, rule]) => {
      if (rule.const === undefined || node?.kind !== 'object') return true;
      const found = node.members.get(key)?.node;
      return found?.kind === 'string' && found.value === rule.const;
    });
  return branches.find(fits) ?? branches[0];
}

function knownKeys(root: JsonNode, path: Path): string[] {
  let schema: SchemaNode | undefined = jsonSchema();
  path.forEach((step, depth) => {
    const branch: SchemaNode | undefined = schema && branchFor(schema, nodeAt(root, path.slice(0, depth)));
    schema = typeof step === 'number' ? branch?.items : branch?.properties?.[String(step)];
  });
  const last = schema && branchFor(schema, nodeAt(root, path));
  return Object.keys(last?.properties ?? {});
}

function valueDetail(issue: Issue): { key: DetailKey; data: Data } {
  switch (issue.code) {
    case 'invalid_type':
      return { key: 'type', data: { allowed: issue.expected === 'int' ? 'integer' : issue.expected } };
    case 'invalid_value':
      return { key: 'oneOf', data: { allowed: issue.values.map(String).join(', ') } };
    case 'invalid_format':
      return { key: 'pattern', data: { allowed: patternOf(issue) } };
    case 'too_small':
      return { key: sizeKey(issue.origin, 'min'), data: { limit: String(issue.minimum) } };
    case 'too_big':
      return { key: sizeKey(issue.origin, 'max'), data: { limit: String(issue.maximum) } };
    default:
      return { key: 'type', data: { allowed: 'http, heartbeat, process' } };
  }
}

/** The source of the pattern that refused, as the generated schema has it. */
function patternOf(issue: object): string {
  return 'pattern' in issue ? String(issue.pattern).replace(/^\/|\/$/g, '') : '';
}

function sizeKey(origin: string, end: 'min' | 'max'): DetailKey {
  if (origin === 'string') return `${end}Length`;
  if (origin === 'array') return `${end}Items`;
  return end === 'min' ? 'minimum' : 'maximum';
}

function unknownKeys(root: JsonNode, path: Path, keys: readonly string[]): Fault[] {
  const parent = nodeAt(root, path);
  return keys.map((key) => ({
    code: 'ORC1003',
    pointer: pointer([...path, key]),
    offset: (parent?.kind === 'object' && parent.members.get(key)?.offset) || 0,
    suggestion: nearest(key, knownKeys(root, path)),
  }));
}

function keyFault(root: JsonNode, issue: Issue & { code: 'invalid_key' }): Fault {
  const parent = nodeAt(root, issue.path.slice(0, -1));
  const key = String(issue.path.at(-1));
  const inner = issue.issues[0];
  return {
    code: 'ORC1005',
    pointer: pointer(issue.path),
    offset: (parent?.kind === 'object' && parent.members.get(key)?.offset) || 0,
    detail: {
      key: 'keyPattern',
      data: { allowed: inner ? patternOf(inner) : '' },
    },
  };
}

function toFaults(root: JsonNode, issue: Issue): Fault[] {
  if (issue.code === 'unrecognized_keys') return unknownKeys(root, issue.path, issue.keys);
  if (issue.code === 'invalid_key') return [keyFault(root, issue)];
  const node = nodeAt(root, issue.path);
  if (node) {
    const detail = valueDetail(issue);
    return [{ code: 'ORC1005', pointer: pointer(issue.path), offset: node.offset, detail }];
  }
  const parent = nodeAt(root, issue.path.slice(0, -1));
  return [{ code: 'ORC1004', pointer: pointer(issue.path), offset: parent?.offset ?? 0 }];
}

/** zod passes over the key `__proto__` of a free table without a word; the schema's own pattern refuses it. */
function prototypeKeys(root: JsonNode): Fault[] {
  const services = nodeAt(root, ['services']);
  if (services?.kind !== 'array') return [];
  return services.items.flatMap((_, index): Fault[] => {
    const path = ['services', index, 'env'];
    const env = nodeAt(root, path);
    const found = env?.kind === 'object' ? env.members.get('__proto__') : undefined;
    if (!found) return [];
    const detail = { key: 'keyPattern', data: { allowed: envKeyPattern } } as const;
    return [{ code: 'ORC1005', pointer: pointer([...path, '__proto__']), offset: found.offset, detail }];
  });
}

/** Holds a value to the schema; `root` is the same value with positions. */
export function judgeShape(root: JsonNode, value: unknown): { manifest: Manifest | null; faults: Fault[] } {
  const result = manifestSchema.safeParse(value);
  const hidden = prototypeKeys(root);
  if (result.success) return { manifest: result.data, faults: hidden };
  const faults = result.error.issues.flatMap((issue) => toFaults(root, issue));
  return { manifest: null, faults: [...hidden, ...faults] };
}
