import type { Registry } from 'prom-client';

export interface RequestSeen {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  /** Null for a stream, whose length says nothing about speed. */
  readonly seconds: number | null;
}

/** What the parts of the panel tell the metrics. */
export interface Recorder {
  request(seen: RequestSeen): void;
  /** A call that went to ComfyUI; status 0 when there was no answer. */
  comfyCall(endpoint: string, status: number): void;
  /** The registry with everything told so far; the library behind it is loaded with the first call. */
  registry(): Promise<Registry>;
}

type Counters = import('./counters.ts').Counters;

/** Before the registry is there, so much is kept to be told to it; more would only be the same again. */
const kept = 10_000;

/** Counts from the first request on, though the library that keeps the counts comes later: a start must not wait for it. */
export function createRecorder(): Recorder {
  const waiting: ((counters: Counters) => void)[] = [];
  let counters: Counters | null = null;
  let loading: Promise<Counters> | null = null;

  async function load(): Promise<Counters> {
    const { createCounters } = await import('./counters.ts');
    const made = createCounters();
    for (const tell of waiting.splice(0)) tell(made);
    counters = made;
    return made;
  }

  function tell(work: (to: Counters) => void): void {
    if (counters) work(counters);
    else waiting.push(work);
    // A busy panel that nobody scrapes yet must not gather without end.
    if (!counters && waiting.length >= kept) loading ??= load();
  }

  return {
    request: (seen) => tell((to) => to.request(seen)),
    comfyCall: (endpoint, status) => tell((to) => to.comfyCall(endpoint, status)),
    async registry() {
      loading ??= load();
      return (await loading).registry;
    },
  };
}
