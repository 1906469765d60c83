import type { Message } from '../../graph/announcer.ts';
import type { Job, Shown } from '../../graph/types.ts';
import { isObject, type Json } from '../../json.ts';
import type { App } from '../app.ts';
import { json, type Reply } from '../reply.ts';
import type { Route } from '../router.ts';

const STATUSES = ['pending', 'in_progress', 'completed', 'failed'] as const;
type Status = (typeof STATUSES)[number];
type Item = readonly [
  number: number,
  id: string,
  graph: unknown,
  extra: Record<string, Json>,
  outputs: string[],
];
interface HistoryItem {
  prompt: Item;
  outputs: Record<string, Shown>;
  status: { status_str: string; completed: boolean; messages: Message[] };
}
type JobView = Record<string, unknown> & { status: Status; create_time?: number };

const prune = <T extends Record<string, unknown>>(object: T): T =>
  Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== null && value !== undefined),
  ) as T;

function workflowId(extra: Record<string, Json>): Json | undefined {
  const info = extra.extra_pnginfo;
  const workflow = isObject(info) ? info.workflow : undefined;
  return isObject(workflow) ? workflow.id : undefined;
}

const queued = ({ number, id, extra }: Job, status: Status): JobView =>
  prune({
    id,
    status,
    priority: number,
    create_time: extra.create_time as number,
    outputs_count: 0,
    workflow_id: workflowId(extra),
  });

/** All that the outputs hold, and the one to show: a saved picture rather than a preview. */
function summary(outputs: Record<string, Shown>) {
  const items = Object.entries(outputs).flatMap(([nodeId, shown]) =>
    Object.entries(shown).flatMap(([mediaType, list]) =>
      list.filter(isObject).map((item): Record<string, unknown> => ({ ...item, nodeId, mediaType })),
    ),
  );
  const preview = items.find((item) => item.type === 'output') ?? items[0];
  return { outputs_count: items.length, preview_output: preview };
}

function finished(text: string): JobView {
  const { prompt, outputs, status } = JSON.parse(text) as HistoryItem;
  const [number, id, , extra] = prompt;
  const find = (type: RegExp) => status.messages.find(([name]) => type.test(name))?.[1];
  return prune({
    id,
    status: status.status_str === 'error' ? ('failed' as const) : ('completed' as const),
    priority: number,
    create_time: extra.create_time as number,
    execution_start_time: find(/^execution_start$/)?.timestamp,
    execution_end_time: find(/^execution_(success|error|interrupted)$/)?.timestamp,
    execution_error: find(/^execution_error$/),
    ...summary(outputs),
    workflow_id: workflowId(extra),
  });
}

const detailed = (text: string): Record<string, unknown> => {
  const { prompt, outputs, status } = JSON.parse(text) as HistoryItem;
  return {
    ...finished(text),
    outputs,
    execution_status: status,
    workflow: { prompt: prompt[2], extra_data: prompt[3] },
  };
};

class BadParameter extends Error {}

function choice<T extends string>(
  query: URLSearchParams,
  name: string,
  allowed: readonly T[],
  fallback: T,
): T {
  const value = (query.get(name) ?? fallback).toLowerCase();
  const found = allowed.find((candidate) => candidate === value);
  if (!found) throw new BadParameter(`${name} must be one of: ${allowed.join(', ')}`);
  return found;
}

function count(query: URLSearchParams, name: string, least: number): number | null {
  const text = query.get(name);
  if (text === null) return null;
  if (!/^[+-]?\d+$/.test(text)) throw new BadParameter(`${name} must be an integer`);
  return Math.max(least, Number(text));
}

function wantedStatuses(query: URLSearchParams): readonly string[] {
  const asked = (query.get('status') ?? '')
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');
  const unknown = asked.filter((part) => !(STATUSES as readonly string[]).includes(part));
  if (unknown.length > 0)
    throw new BadParameter(
      `Invalid status value(s): ${unknown.join(', ')}. Valid values: ${STATUSES.join(', ')}`,
    );
  return asked.length > 0 ? asked : STATUSES;
}

const duration = ({ execution_start_time: start, execution_end_time: end }: JobView): number =>
  typeof start === 'number' && typeof end === 'number' ? end - start : 0;

function list({ queue }: App, query: URLSearchParams): Reply {
  const statuses = wantedStatuses(query);
  const sortBy = choice(query, 'sort_by', ['created_at', 'execution_duration'], 'created_at');
  const sign = choice(query, 'sort_order', ['asc', 'desc'], 'desc') === 'desc' ? -1 : 1;
  const limit = count(query, 'limit', 1);
  const offset = count(query, 'offset', 0) ?? 0;
  const workflow = query.get('workflow_id');
  const keyOf = sortBy === 'created_at' ? (job: JobView) => job.create_time ?? 0 : duration;
  const all = [
    ...queue.running.map((job) => queued(job, 'in_progress')),
    ...queue.pending.map((job) => queued(job, 'pending')),
    ...queue.historyItems().map(([, text]) => finished(text)),
  ]
    .filter((job) => statuses.includes(job.status) && (!workflow || job.workflow_id === workflow))
    .sort((a, b) => sign * (keyOf(a) - keyOf(b)));
  const jobs = all.slice(offset, limit === null ? undefined : offset + limit);
  const more = offset + jobs.length < all.length;
  return json({ jobs, pagination: { offset, limit, total: all.length, has_more: more } });
}

function one({ queue }: App, id: string): Reply {
  const text = queue.historyItem(id);
  if (text !== undefined) return json(detailed(text));
  const running = queue.running.find((job) => job.id === id);
  const pending = queue.pending.find((job) => job.id === id);
  if (running) return json(queued(running, 'in_progress'));
  return pending ? json(queued(pending, 'pending')) : json({ error: 'Job not found' }, 404);
}

/** These paths carry their prefix already. */
export function jobRoutes(app: App): Route[] {
  if (!app.catalog.profile.jobs) return [];
  return [
    [
      'GET',
      '/api/jobs',
      ({ query }) => {
        try {
          return list(app, query);
        } catch (error) {
          if (error instanceof BadParameter) return json({ error: error.message }, 400);
          throw error;
        }
      },
    ],
    ['GET', '/api/jobs/{id}', ({ params: { id = '' } }) => one(app, id)],
  ];
}
