import { OutOfMemory } from './graph/faults.ts';

export interface CueSettings {
  /** ms that every HTTP answer waits */
  slow: number;
  /** class whose nodes raise */
  failNode: string | null;
  /** jobs after which HTTP is no longer answered */
  hangAfter: number | null;
  /** jobs after which the process exits */
  crashAfter: number | null;
  exitCode: number;
}

/** Misbehaviour on demand: what goes wrong, and when. */
export class Cues {
  readonly #initial: CueSettings;
  readonly #exit: (code: number) => void;
  #slow: number;
  #failNode: string | null;
  #oomNode: string | null = null;
  #hanging = false;
  #jobs = 0;

  constructor(settings: CueSettings, { exit }: { exit: (code: number) => void }) {
    this.#initial = settings;
    this.#exit = exit;
    this.#slow = settings.slow;
    this.#failNode = settings.failNode;
  }

  get slow(): number {
    return this.#slow;
  }
  /** Sockets are accepted and nothing is answered. */
  get hanging(): boolean {
    return this.#hanging;
  }

  set(change: { slow?: number; failNode?: string; oomNode?: string }): void {
    this.#slow = change.slow ?? this.#slow;
    this.#failNode = change.failNode ?? this.#failNode;
    this.#oomNode = change.oomNode ?? this.#oomNode;
  }
  hang(): void {
    this.#hanging = true;
  }
  crash(code = this.#initial.exitCode): void {
    this.#exit(code);
  }
  /** Behaves again, whatever was asked before. */
  calm(): void {
    this.#slow = 0;
    this.#failNode = null;
    this.#oomNode = null;
    this.#hanging = false;
  }

  /** @throws when that class is to fail; "*" means every class */
  beforeNode(className: string): void {
    const meant = (cue: string | null): boolean => cue === '*' || cue === className;
    if (meant(this.#oomNode)) throw new OutOfMemory('Allocation on device would exceed allowed memory.');
    if (meant(this.#failNode)) throw new Error(`${className} was told to fail (demo)`);
  }

  afterJob(): void {
    this.#jobs += 1;
    const { hangAfter, crashAfter } = this.#initial;
    if (this.#jobs === crashAfter) this.crash();
    if (this.#jobs === hangAfter) this.hang();
  }
}
