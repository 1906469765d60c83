import type { Json } from '../json.ts';

export type Inputs = Record<string, Json>;
export interface GraphNode {
  class_type: string;
  inputs: Inputs;
}
/** A graph in API format, by node id. */
export type Graph = Record<string, GraphNode>;
export type Link = readonly [nodeId: string, slot: number];

/** A list of two whose first part is a string is a link to another node's output. */
export const isLink = (value: unknown): value is Link =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number';

/** A submitted graph on its way through the queue; `toItem` gives the array that clients see. */
export interface Job {
  number: number;
  id: string;
  graph: Graph;
  extra: Record<string, Json>;
  outputs: string[];
}

export const toItem = (job: Job): readonly unknown[] => [
  job.number,
  job.id,
  job.graph,
  job.extra,
  job.outputs,
];

/** What an output node shows, e.g. {"images": […]}. */
export type Shown = Record<string, unknown[]>;
