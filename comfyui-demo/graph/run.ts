import type { Cues } from '../cues.ts';
import type { Json } from '../json.ts';
import type { Registry } from '../nodes/registry.ts';
import type { Arguments, Catalog, NodeSpec, Outcome, ProgressReport, RunContext } from '../nodes/spec.ts';
import type { Hub } from '../server/hub.ts';
import { Announcer, type Message } from './announcer.ts';
import type { ResultCache } from './cache.ts';
import { describeFault, type Fault, faultOf, Interrupted } from './faults.ts';
import { RunOrder } from './order.ts';
import { ProgressBook, previewMetadata } from './progress.ts';
import { traceOfRun } from './trace.ts';
import { isLink, type Job, type Shown } from './types.ts';

export interface RunSettings {
  stepMs: number;
  previews: boolean;
  embedMetadata: boolean;
}

export interface RunOptions {
  registry: Registry;
  catalog: Catalog;
  cache: ResultCache;
  hub: Hub;
  cues: Cues;
  settings: RunSettings;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  log: (line: string) => void;
  bar: (value: number, max: number) => void;
}

export interface RunResult {
  success: boolean;
  outputs: Record<string, Shown>;
  meta: Record<string, unknown>;
  messages: Message[];
}

/** The run of one job: tells its client what happens, and ends with what the history keeps. */
export class JobRun {
  readonly #job: Job;
  readonly #options: RunOptions;
  readonly #announcer: Announcer;
  readonly #book: ProgressBook;
  readonly #shown = new Map<string, Shown>();
  readonly #executed: string[] = [];
  #interrupted = false;

  constructor(job: Job, options: RunOptions) {
    this.#job = job;
    this.#options = options;
    this.#announcer = new Announcer(job, { ...options, profile: options.catalog.profile.execution });
    this.#book = new ProgressBook(job.id);
  }

  get id(): string {
    return this.#job.id;
  }

  interrupt(): void {
    this.#interrupted = true;
  }

  async execute(): Promise<RunResult> {
    const { hub, cache, registry, catalog } = this.#options;
    const { id, graph } = this.#job;
    this.#announcer.tell('execution_start', { prompt_id: id });
    cache.begin(graph, registry, catalog);
    const nodes = Object.keys(graph).filter((node) => cache.get(node) !== undefined);
    this.#announcer.tell('execution_cached', { nodes, prompt_id: id });
    const success = await this.#walk();
    if (success && this.#profile.successMessage) this.#announcer.tell('execution_success', { prompt_id: id });
    hub.lastNode = null;
    return { success, messages: this.#announcer.messages, ...this.#results() };
  }

  get #profile() {
    return this.#options.catalog.profile.execution;
  }

  async #walk(): Promise<boolean> {
    const { cache, registry } = this.#options;
    const isCached = (id: string): boolean => cache.get(id) !== undefined;
    const order = new RunOrder({ graph: this.#job.graph, registry, isCached });
    for (const output of this.#job.outputs) order.add(output);
    for (let id = order.next(); id !== undefined; id = order.next()) {
      const spec = registry.get(this.#job.graph[id]?.class_type ?? '');
      if (!spec) throw new Error(`node ${id} has no class`);
      if (isCached(id)) this.#reuse(id);
      else {
        const fault = await this.#runNode(id, spec);
        if (fault) {
          this.#tellFault(id, spec, fault);
          return false;
        }
      }
      order.done(id);
    }
    return true;
  }

  /** A cached output node shows its old result again. */
  #reuse(id: string): void {
    const shown = this.#options.cache.get(id)?.shown ?? null;
    if (shown && (this.#announcer.client !== null || !this.#profile.silentCacheLosesOutputs))
      this.#shown.set(id, shown);
    if (!this.#profile.executedWhenCached) return;
    this.#announcer.executed(id, shown);
    this.#book.finish(id);
    this.#announcer.progressState(this.#book);
  }

  async #runNode(id: string, spec: NodeSpec): Promise<Fault | null> {
    const { cues } = this.#options;
    this.#book.start(id);
    this.#announcer.progressState(this.#book);
    this.#announcer.executing(id);
    const args = this.#arguments(id);
    try {
      this.#stopIfInterrupted();
      cues.beforeNode(spec.name);
      const outcome = await spec.run(args, this.#context(id));
      this.#keep(id, outcome);
      return null;
    } catch (error) {
      return faultOf(error, args);
    }
  }

  #keep(id: string, { values = [], shown }: Outcome): void {
    this.#options.cache.set(id, { values, shown: shown ?? null });
    this.#executed.push(id);
    if (shown) {
      this.#shown.set(id, shown);
      this.#announcer.executed(id, shown);
    }
    this.#book.finish(id);
    this.#announcer.progressState(this.#book);
  }

  #arguments(id: string): Arguments {
    const { cache } = this.#options;
    const inputs = Object.entries(this.#job.graph[id]?.inputs ?? {});
    return Object.fromEntries(
      inputs.map(([name, value]) => [name, isLink(value) ? cache.get(value[0])?.values.at(value[1]) : value]),
    );
  }

  #context(id: string): RunContext {
    const { catalog, settings, sleep, bar } = this.#options;
    return {
      nodeId: id,
      graph: this.#job.graph,
      extra: (this.#job.extra.extra_pnginfo ?? {}) as Record<string, Json>,
      folders: catalog.folders,
      ...settings,
      sleep,
      bar,
      progress: (report) => this.#progress(id, report),
    };
  }

  async #progress(id: string, { value, max, preview }: ProgressReport): Promise<void> {
    this.#stopIfInterrupted();
    const { hub } = this.#options;
    const { client } = this.#announcer;
    this.#book.update(id, value, max);
    this.#announcer.progressState(this.#book);
    const named = hub.wantsPreviewMetadata(client);
    const image = preview ? await (await import('../image/preview.ts')).encodePreview(preview) : null;
    if (image && named) hub.sendPreview(image, client, previewMetadata(this.#job.id, id));
    this.#announcer.progress(id, value, max);
    if (image && !named) hub.sendPreview(image, client);
  }

  #stopIfInterrupted(): void {
    if (this.#interrupted) throw new Interrupted();
  }

  #tellFault(id: string, spec: NodeSpec, fault: Fault): void {
    const { log, catalog } = this.#options;
    const { id: promptId, graph } = this.#job;
    const where = { prompt_id: promptId, node_id: id, node_type: spec.name, executed: this.#executed };
    if (fault.kind === 'interrupted') {
      log('Processing interrupted');
      this.#announcer.tell('execution_interrupted', where, { toAll: true });
      return;
    }
    const traceback = traceOfRun(catalog.profile.trace, spec.name);
    const { type, message, described } = describeFault(fault, this.#profile, Object.keys(graph));
    log(`!!! Exception during processing !!! ${fault.message}`);
    log(`Traceback (most recent call last):\n${traceback.join('')}${type}: ${fault.message}`);
    if (fault.kind === 'oom') log('Got an OOM, unloading all loaded models.');
    const told = { exception_message: message, exception_type: type, traceback, ...described };
    this.#announcer.tell('execution_error', { ...where, ...told });
  }

  /** What the job showed; versions that keep outputs beside the cache also list cached ones that nobody walked. */
  #results(): Pick<RunResult, 'outputs' | 'meta'> {
    const { cache } = this.#options;
    if (!this.#profile.silentCacheLosesOutputs) {
      for (const id of Object.keys(this.#job.graph)) {
        const shown = cache.get(id)?.shown;
        if (shown) this.#shown.set(id, shown);
      }
    }
    const meta = [...this.#shown.keys()].map((id) => [
      id,
      { node_id: id, display_node: id, parent_node: null, real_node_id: id },
    ]);
    return { outputs: Object.fromEntries(this.#shown), meta: Object.fromEntries(meta) };
  }
}
