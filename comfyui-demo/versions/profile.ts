/** The ComfyUI versions that this program can answer as, oldest first. */
export const VERSIONS = ['2023-12', '0.3.12', '0.3.64', '0.8.0'] as const;
export type Version = (typeof VERSIONS)[number];

export const isVersion = (name: string): name is Version => (VERSIONS as readonly string[]).includes(name);
export const atLeast = (version: Version, since: Version): boolean =>
  VERSIONS.indexOf(version) >= VERSIONS.indexOf(since);

/** Line numbers that the tracebacks of a version name, by place in its execution source. */
export interface TraceLines {
  /** the call of the per-node check in the per-prompt check */
  validatePrompt: number;
  /** the look-up of the linked node in the per-node check */
  validateInputs: number;
  /** the call of the per-node check on a linked node */
  validateLinked: number;
  /** frames of a node that raises, outermost first, without the node's own */
  execute: readonly (readonly [line: number, func: string])[];
}

/** What differs between versions, as data: code asks a profile, never a version number. */
export interface Profile {
  version: Version;
  /** `comfyui_version` in /system_stats; null when the version reports none */
  reported: string | null;
  /** "os" as the operating system's Python family name, or as its platform name */
  osName: 'family' | 'platform';
  memoryInSystem: boolean;
  packages: Readonly<Record<string, string>>;
  reportsArgv: boolean;
  models: readonly string[] | null;
  /** answer of /features and of a feature_flags message; null when unknown to the version */
  features: Readonly<Record<string, unknown>> | null;
  jobs: boolean;
  originCheck: boolean;
  contentPolicy: boolean;
  interruptById: boolean;
  createTime: boolean;
  /** a submission may name its id and the outputs to run */
  clientChoices: boolean;
  /** no prompt at all: {"error":"no prompt"} rather than an object */
  plainNoPrompt: boolean;
  /** node_errors of a refused graph that has none: [] or {} */
  emptyNodeErrors: 'array' | 'object';
  /** a missing class_type or an unknown class raises (500) instead of a 400 */
  raisesOnUnknownClass: boolean;
  validation: {
    optionalInputs: boolean;
    booleans: boolean;
    mismatchText: (received: string, expected: string) => string;
    /** input_config is [type] rather than [type, {}] for an input without options */
    bareConfig: boolean;
    /** the custom check runs once per input and tells the value received */
    customPerInput: boolean;
  };
  execution: {
    /** cached results belong to a node id, not to a signature shared by equal nodes */
    cacheByNode: boolean;
    /** an output node found in the cache sends `executed` again */
    executedWhenCached: boolean;
    progressState: boolean;
    displayNode: boolean;
    timestamps: boolean;
    progressNamesNode: boolean;
    successMessage: boolean;
    status: boolean;
    /** outputs found in the cache are left out of the history when nobody listens */
    silentCacheLosesOutputs: boolean;
    /** text that follows an exception's own message */
    exceptionTail: string;
    /** current_outputs of an error: {} or the ids of the graph */
    currentOutputs: 'object' | 'ids';
    oomType: string;
  };
  tooltips: boolean;
  inputOrder: boolean;
  /** choices of the newer node classes are written ["COMBO", {"options": […]}] */
  comboOptions: boolean;
  trace: TraceLines;
  startLines: readonly string[];
  portTakenText: boolean;
}
