import type { Language } from '../contract/errors.ts';
import type { Incident } from '../contract/state.ts';
import type { SystemStatus } from './picture.ts';

/** One version of the picture. Words and JSON of each language are made at most once. */
export interface Snapshot {
  /** Grows by one whenever something other than the passing of time has changed. */
  readonly version: number;
  readonly status: SystemStatus;
  in(language: Language): SystemStatus;
  json(language: Language): string;
}

export function createSnapshot({
  version,
  status,
  compose,
}: {
  version: number;
  /** In English. */
  status: SystemStatus;
  compose: (language: Language) => SystemStatus;
}): Snapshot {
  const pictures = new Map<Language, SystemStatus>([['en', status]]);
  const texts = new Map<Language, string>();
  const picture = (language: Language) => {
    const made = pictures.get(language) ?? compose(language);
    pictures.set(language, made);
    return made;
  };
  return {
    version,
    status,
    in: picture,
    json(language) {
      const text = texts.get(language) ?? JSON.stringify(picture(language));
      texts.set(language, text);
      return text;
    },
  };
}

/** The picture without what changes by the passing of time alone. */
export function substance({ at: _at, guardian, ...rest }: SystemStatus): string {
  return JSON.stringify({ ...rest, guardian: { alive: guardian.alive, processId: guardian.processId } });
}

/** Incidents that were not there before, or were otherwise. */
export function freshIncidents(before: readonly Incident[], after: readonly Incident[]): Incident[] {
  const known = new Set(before.map((incident) => JSON.stringify(incident)));
  return after.filter((incident) => !known.has(JSON.stringify(incident)));
}
