import { isObject, type Json, parseJson } from '../../json.ts';
import type { App } from '../app.ts';
import { isLoopback } from '../origin.ts';
import { empty, html, json, type Reply } from '../reply.ts';
import type { Route } from '../router.ts';

const page = (version: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Demo ComfyUI</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 15vh auto; padding: 0 1rem;
    color: #223; background: #f4f5f8 }
  h1 { font-size: 1.5rem } code { background: #e2e5ee; padding: 0 .3em; border-radius: 3px }
</style>
<h1>This is the demo ComfyUI</h1>
<p>It is not ComfyUI and has no models. It speaks ComfyUI's HTTP and WebSocket protocol (as ${version} does)
and answers every generation with a drawn test picture that says <em>demo</em>.</p>
<p>Try <a href="system_stats"><code>/system_stats</code></a>, <a href="queue"><code>/queue</code></a> or
<a href="object_info"><code>/object_info</code></a>.</p>
</html>
`;

const CUES = ['hang', 'crash', 'slow', 'fail', 'oom', 'ok'] as const;
const textOf = (value: Json | undefined, fallback: string): string =>
  typeof value === 'string' ? value : fallback;
const numberOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined;

/** Time for the answer to leave before the process goes or falls silent. */
const ANSWER_MS = 20;

function obey(cue: (typeof CUES)[number], body: Record<string, Json>, { cues }: App): void {
  const later = (act: () => void): void => {
    setTimeout(act, ANSWER_MS);
  };
  if (cue === 'hang') later(() => cues.hang());
  if (cue === 'crash') later(() => cues.crash(numberOf(body.code)));
  if (cue === 'slow') cues.set({ slow: numberOf(body.ms) ?? 1000 });
  if (cue === 'fail') cues.set({ failNode: textOf(body.node, '*') });
  if (cue === 'oom') cues.set({ oomNode: textOf(body.node, '*') });
  if (cue === 'ok') cues.calm();
}

function onCue(body: Json, app: App): Reply {
  const cue = isObject(body) ? CUES.find((name) => name === body.do) : undefined;
  if (!cue || !isObject(body)) return json({ error: `"do" is one of ${CUES.join(', ')}` }, 400);
  obey(cue, body, app);
  return json({ did: cue });
}

/** What only the demo has: its page, and misbehaviour on cue for those on the same machine. */
export function demoRoutes(app: App): Route[] {
  return [
    ['GET', '/', () => html(page(app.catalog.profile.version))],
    [
      'POST',
      '/demo/cue',
      async ({ request, body }) => {
        const from = request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
        return isLoopback(from) ? onCue(parseJson((await body()).toString('utf8')), app) : empty(403);
      },
    ],
  ];
}
