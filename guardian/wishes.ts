import { stat } from 'node:fs/promises';
import { desiredSchema } from '../core/contract/state.ts';
import { readState } from '../core/state/files.ts';
import type { Desire } from './policy/types.ts';

/** What desired.json says, as last read. */
export interface Wishes {
  /** Reads the file again. True when something in it is new. */
  reread(): Promise<boolean>;
  /** Null is no result: the file has never been readable. Undefined: it says nothing about this service. */
  of(id: string): Desire | null | undefined;
}

export function createWishes({
  file,
  onWarning,
}: {
  file: string;
  onWarning: (warning: string) => void;
}): Wishes {
  let wishes: Map<string, Desire> | null = null;
  let text = '';
  let told: string | null = null;
  let stamp = '';
  let turn: Promise<unknown> = Promise.resolve();

  async function look(): Promise<boolean> {
    const facts = await stat(file).catch(() => null);
    const seen = facts ? `${facts.ino} ${facts.size} ${facts.mtimeMs}` : 'none';
    if (seen === stamp) return false;
    stamp = seen;
    const { value, warning } = await readState(file, desiredSchema);
    if (warning !== null) {
      if (warning !== told) onWarning(warning);
      told = warning;
      // What was wanted before is still the best that is known.
      return false;
    }
    told = null;
    const fresh = JSON.stringify(value);
    if (wishes !== null && fresh === text) return false;
    text = fresh;
    wishes = new Map(
      Object.entries(value?.services ?? {}).map(([id, { state, generation, at }]) => [
        id,
        { state, generation, at: Date.parse(at) },
      ]),
    );
    return true;
  }

  return {
    // In turn: whoever asks while another reads must not go on before that has been read.
    reread() {
      const mine = turn.then(look);
      turn = mine.catch(() => {});
      return mine;
    },
    of: (id) => (wishes === null ? null : wishes.get(id)),
  };
}
