import type { Finding } from '../contract/cmdlets.ts';
import { type ErrorCode, type Language, OrchestratorError } from '../contract/errors.ts';
import type { Manifest } from '../contract/manifest.ts';
import { type Data, type Fault, faultData, inOrder, toFinding } from './fault.ts';
import { judgeRules } from './rules.ts';
import { judgeShape } from './shape.ts';
import { type JsonNode, parseTree, pointer } from './tree.ts';

export interface Judgement {
  /** As it stands in the file; null when there is a finding. */
  readonly manifest: Manifest | null;
  /** Every fault, in document order. */
  readonly findings: readonly Finding[];
  /** What the text of the first finding was filled with; for the error that a loader throws. */
  readonly firstData: Data | null;
}

/** The error of a manifest's first fault, with all of them. */
export class ManifestError extends OrchestratorError {
  readonly findings: readonly Finding[];

  constructor(code: ErrorCode, data: Data, findings: readonly Finding[]) {
    super(code, data);
    this.name = 'ManifestError';
    this.findings = findings;
  }
}

/**
 * Judges the text of a manifest with the codes ORC1002 to ORC1010. `path` goes into the messages only. Never throws.
 * PowerShell's Test-ManifestText gives the same codes, pointers and lines.
 */
export function judgeManifest(
  text: string,
  path: string,
  { language = 'en' }: { language?: Language } = {},
): Judgement {
  const content = text.replace(/^\uFEFF/, '');
  const { manifest, faults } = judge(content);
  const ordered = inOrder(faults);
  const filled = ordered.map((fault) => ({
    fault,
    data: faultData({ fault, text: content, path, language }),
  }));
  return {
    manifest: ordered.length === 0 ? manifest : null,
    findings: filled.map(({ fault, data }) => toFinding(fault, data, language)),
    firstData: filled[0]?.data ?? null,
  };
}

function judge(text: string): { manifest: Manifest | null; faults: Fault[] } {
  const { root, fault, repeated } = parseTree(text);
  if (!root) {
    const detail = { key: fault?.detail ?? 'syntax', data: { limit: 64 } } as const;
    return {
      manifest: null,
      faults: [{ code: 'ORC1002', pointer: '', offset: fault?.offset ?? 0, detail }],
    };
  }
  const newer = otherVersion(root);
  if (newer) return { manifest: null, faults: [newer] };
  const { manifest, faults } = judgeShape(root, JSON.parse(text));
  const twice = repeated.map(
    ({ path, offset }): Fault => ({ code: 'ORC1006', pointer: pointer(path), offset }),
  );
  return { manifest, faults: [...twice, ...faults, ...judgeRules(root)] };
}

/** A file of another version is not judged by this one's rules: its unknown keys may be known there. */
function otherVersion(root: JsonNode): Fault | null {
  const version = root.kind === 'object' ? root.members.get('version')?.node : undefined;
  if (version?.kind !== 'number' || version.value === 1) return null;
  return {
    code: 'ORC1010',
    pointer: '/version',
    offset: version.offset,
    data: { value: version.value },
  };
}
