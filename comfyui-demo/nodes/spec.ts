import type { Inputs, Shown } from '../graph/types.ts';
import type { Picture } from '../image/picture.ts';
import type { Json } from '../json.ts';
import type { Folders } from '../storage/folders.ts';
import type { Profile, Version } from '../versions/profile.ts';

/** What a node hands to the next one. Pictures are recipes: pixels exist only while a file is written. */
export type Value =
  | { kind: 'MODEL'; name: string; loras: readonly string[] }
  | { kind: 'CLIP' }
  | { kind: 'VAE' }
  | { kind: 'CONDITIONING'; text: string }
  | { kind: 'LATENT'; width: number; height: number; count: number; picture: Picture | null }
  | { kind: 'IMAGE'; picture: Picture }
  | { kind: 'MASK' }
  | { kind: 'NOISE'; seed: Json }
  | { kind: 'GUIDER'; model: string; text: string }
  | { kind: 'SAMPLER'; name: string }
  | { kind: 'SIGMAS'; steps: number };

export type ValueOf<K extends Value['kind']> = Extract<Value, { kind: K }>;

/** Everything a choice list may depend on. */
export interface Catalog {
  profile: Profile;
  /** file names by model folder key */
  models: Readonly<Record<string, readonly string[]>>;
  folders: Folders;
}

export type Choices = (catalog: Catalog) => readonly string[];

export interface InputSpec {
  name: string;
  type: string | Choices;
  section?: 'required' | 'optional' | 'hidden';
  /** default, min, max, step …; numbers of a FLOAT are written as floats */
  config?: Readonly<Record<string, Json>>;
  /** shown by versions that have tooltips */
  tooltip?: string;
  /** further options that came with a later version */
  configSince?: readonly [since: Version, config: Readonly<Record<string, Json>>];
  since?: Version;
}

export interface ProgressReport {
  value: number;
  max: number;
  /** the picture as it is now; sent as a preview when the client is to see one */
  preview?: Picture;
}

/** What a running node may use. */
export interface RunContext {
  nodeId: string;
  graph: unknown;
  extra: Readonly<Record<string, Json>>;
  folders: Folders;
  embedMetadata: boolean;
  stepMs: number;
  /** previews are wanted (--preview-method is not none) */
  previews: boolean;
  /** waits; ends early only when the program stops. @throws when it does */
  sleep(ms: number): Promise<void>;
  /** draws a progress bar in the log */
  bar(value: number, max: number): void;
  /** @throws Interrupted when the job was interrupted */
  progress(report: ProgressReport): Promise<void>;
}

export type Arguments = Readonly<Record<string, Json | Value | undefined>>;
export interface Outcome {
  values?: readonly Value[];
  shown?: Shown;
}

export interface NodeSpec {
  name: string;
  displayName?: string;
  /** the name shown before 0.3.12, when it was another */
  oldDisplayName?: string;
  category: string;
  description?: string;
  module?: string;
  inputs: readonly InputSpec[];
  outputs: readonly string[];
  outputNames?: readonly string[];
  outputTooltips?: readonly string[];
  outputNode?: boolean;
  since?: Version;
  /** true, or what is wrong with the inputs named in `customInputs` */
  customCheck?: (inputs: Inputs, catalog: Catalog) => true | string;
  customInputs?: readonly string[];
  /** text that changes when the result would, though the inputs are the same */
  fingerprint?: (inputs: Inputs, catalog: Catalog) => string;
  run(args: Arguments, context: RunContext): Promise<Outcome> | Outcome;
}

/** The linked value of that kind. @throws TypeError when the graph check let another one through */
export function take<K extends Value['kind']>(args: Arguments, name: string, kind: K): ValueOf<K> {
  const value = args[name];
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind)
    return value as ValueOf<K>;
  throw new TypeError(`${name} is not a ${kind}`);
}

export const takeNumber = (args: Arguments, name: string, fallback = 0): number => {
  const value = args[name];
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : fallback;
};

export const takeText = (args: Arguments, name: string): string => {
  const value = args[name];
  return typeof value === 'string' ? value : '';
};
