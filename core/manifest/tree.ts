import { visit } from 'jsonc-parser';
import type { DetailKey } from '../contract/details.ts';

/** Deeper files are refused unread: nothing in a manifest needs more, and both languages stop at the same place. */
export const maxDepth = 64;

export interface JsonMember {
  readonly offset: number;
  readonly node: JsonNode;
}

/** A value of the file and where it begins. Of equal keys the last one is in `members`. */
export type JsonNode =
  | { readonly kind: 'object'; readonly offset: number; readonly members: Map<string, JsonMember> }
  | { readonly kind: 'array'; readonly offset: number; readonly items: JsonNode[] }
  | { readonly kind: 'string'; readonly offset: number; readonly value: string }
  | { readonly kind: 'number'; readonly offset: number; readonly value: number }
  | { readonly kind: 'boolean'; readonly offset: number; readonly value: boolean }
  | { readonly kind: 'null'; readonly offset: number };

export interface SyntaxFault {
  readonly offset: number;
  readonly detail: DetailKey;
}

export interface JsonTree {
  /** Null when the text is not JSON; then `fault` says where. */
  readonly root: JsonNode | null;
  readonly fault: SyntaxFault | null;
  /** Every second and later one of equal keys. */
  readonly repeated: readonly { readonly path: readonly (string | number)[]; readonly offset: number }[];
}

class Stop extends Error {
  readonly fault: SyntaxFault;
  constructor(offset: number, detail: DetailKey) {
    super(detail);
    this.fault = { offset, detail };
  }
}

function syntaxDetail(text: string, offset: number): DetailKey {
  if (text.trim() === '') return 'empty';
  if (/^\/[/*]/.test(text.slice(offset, offset + 2))) return 'comment';
  return offset >= text.length ? 'end' : 'syntax';
}

function leaf(value: unknown, offset: number): JsonNode {
  if (typeof value === 'string') return { kind: 'string', offset, value };
  if (typeof value === 'number') return { kind: 'number', offset, value };
  if (typeof value === 'boolean') return { kind: 'boolean', offset, value };
  return { kind: 'null', offset };
}

/** Reads strict JSON into a tree with positions. Stops at the first fault. */
export function parseTree(text: string): JsonTree {
  const repeated: { path: (string | number)[]; offset: number }[] = [];
  const open: JsonNode[] = [];
  let root: JsonNode | null = null;
  let key = { name: '', offset: 0 };

  const place = (node: JsonNode) => {
    const parent = open.at(-1);
    if (parent?.kind === 'array') parent.items.push(node);
    else if (parent?.kind === 'object') parent.members.set(key.name, { offset: key.offset, node });
    else root = node;
  };
  const begin = (node: JsonNode) => {
    if (open.length === maxDepth) throw new Stop(node.offset, 'depth');
    place(node);
    open.push(node);
  };
  const wellFormed = (value: unknown, offset: number) => {
    if (typeof value === 'string' && !value.isWellFormed()) throw new Stop(offset, 'surrogate');
  };

  try {
    visit(
      text,
      {
        onObjectBegin: (offset) => begin({ kind: 'object', offset, members: new Map() }),
        onObjectEnd: () => void open.pop(),
        onArrayBegin: (offset) => begin({ kind: 'array', offset, items: [] }),
        onArrayEnd: () => void open.pop(),
        onObjectProperty: (name, offset, _length, _line, _character, path) => {
          wellFormed(name, offset);
          const parent = open.at(-1);
          if (parent?.kind === 'object' && parent.members.has(name)) {
            repeated.push({ path: [...path(), name], offset });
          }
          key = { name, offset };
        },
        onLiteralValue: (value, offset) => {
          wellFormed(value, offset);
          place(leaf(value, offset));
        },
        onError: (_code, offset) => {
          throw new Stop(offset, syntaxDetail(text, offset));
        },
      },
      { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false },
    );
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return { root: null, fault: error.fault, repeated };
  }
  return { root, fault: null, repeated };
}

/** The node at a path, or null when there is none. */
export function nodeAt(root: JsonNode, path: readonly PropertyKey[]): JsonNode | null {
  let node: JsonNode | undefined = root;
  for (const step of path) {
    if (node?.kind === 'object') node = node.members.get(String(step))?.node;
    else if (node?.kind === 'array') node = node.items[Number(step)];
    else return null;
  }
  return node ?? null;
}

/** RFC 6901. */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
