import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signGraph } from '../../../comfyui-demo/graph/cache.ts';
import { RunOrder } from '../../../comfyui-demo/graph/order.ts';
import { JobQueue } from '../../../comfyui-demo/graph/queue.ts';
import type { Graph, Job } from '../../../comfyui-demo/graph/types.ts';
import { createRegistry } from '../../../comfyui-demo/nodes/registry.ts';
import { isForeign } from '../../../comfyui-demo/server/origin.ts';
import { Folders } from '../../../comfyui-demo/storage/folders.ts';
import { profileOf } from '../../../comfyui-demo/versions/index.ts';
import { anyCase } from './graphs.ts';

const job = (id: string, number = 0): Job => ({ number, id, graph: {}, extra: {}, outputs: [] });
const RESULT = { success: true, outputs: {}, meta: {}, messages: [] };
const newQueue = (onChange = () => {}) => new JobQueue({ onChange, keepStatus: true });
const registry = createRegistry({ version: '0.8.0' });
const catalog = {
  profile: profileOf('0.8.0'),
  models: {},
  folders: new Folders({ output: 'o', input: 'i', temp: 't' }),
};

describe('the job queue', () => {
  it('gives out jobs by number, and equal ones as they came', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 30 }), async (numbers) => {
        const queue = newQueue();
        const jobs = numbers.map((number, index) => job(String(index), number));
        for (const one of jobs) queue.put(one);
        const taken: Job[] = [];
        for (const _ of jobs) {
          const one = await queue.take();
          taken.push(one);
          queue.finish(one, RESULT);
        }
        expect(taken).toEqual(jobs.toSorted((a, b) => a.number - b.number));
        expect(queue.remaining).toBe(0);
      }),
    ));

  it('keeps the newest ten thousand', () => {
    const queue = newQueue();
    for (let index = 0; index < 10_003; index++) queue.finish(job(`job ${index}`), RESULT);
    const items = queue.historyItems();
    expect(items).toHaveLength(10_000);
    expect(items[0]?.[0]).toBe('job 3');
    expect(queue.historyItem('job 2')).toBeUndefined();
  });

  it('tells of every change', () => {
    let changes = 0;
    const queue = newQueue(() => {
      changes += 1;
    });
    queue.put(job('a'));
    queue.put(job('b'));
    queue.deletePending(['a', 'unknown']);
    queue.clearPending();
    expect(changes).toBe(4);
  });
});

describe('the run order', () => {
  it('runs every node once and after all that it links to', () =>
    fc.assert(
      fc.property(anyCase(), ({ graph, outputs }) => {
        const order = new RunOrder({ graph: graph as Graph, registry, isCached: () => false });
        for (const output of outputs) order.add(output);
        const ran: string[] = [];
        for (let id = order.next(); id !== undefined; id = order.next()) {
          for (const value of Object.values(graph[id]?.inputs ?? {}))
            if (Array.isArray(value)) expect(ran).toContain(value[0]);
          ran.push(id);
          order.done(id);
        }
        expect(ran.toSorted()).toEqual(Object.keys(graph).toSorted());
      }),
    ));

  it('says when nodes wait for each other', () => {
    const graph: Graph = {
      a: { class_type: 'x', inputs: { i: ['b', 0] } },
      b: { class_type: 'x', inputs: { i: ['a', 0] } },
    };
    const order = new RunOrder({ graph, registry, isCached: () => false });
    order.add('a');
    expect(() => order.next()).toThrow('cycle');
  });
});

describe('signatures', () => {
  it('do not depend on node ids or the order of inputs, and never repeat in a cycle', () =>
    fc.assert(
      fc.property(anyCase(), ({ graph }) => {
        const rename = (id: unknown): string => `new ${String(id)}`;
        const renamed = Object.fromEntries(
          Object.entries(graph).map(([id, { class_type, inputs }]) => [
            rename(id),
            {
              class_type,
              inputs: Object.fromEntries(
                Object.entries(inputs)
                  .reverse()
                  .map(([name, value]) => [
                    name,
                    Array.isArray(value) ? [rename(value[0]), value[1]] : value,
                  ]),
              ),
            },
          ]),
        );
        const [plain, other] = [graph, renamed].map((one) => signGraph(one as Graph, registry, catalog));
        for (const [id, signature] of plain ?? []) expect(other?.get(rename(id))).toBe(signature);
      }),
    ));
});

describe('the origin check', () => {
  it.each([
    ['[::1]:8188', 'http://[::1]:8188', false],
    ['[::1]:8188', 'http://[::1]:3000', true],
    ['127.0.0.2:8188', 'http://127.0.0.1:8188', true],
    ['LOCALHOST:8188', 'http://localhost:8188', false],
    ['10.0.0.1:8188', 'http://evil.example', false],
    [undefined, 'http://evil.example', false],
  ])('of host %s and origin %s', (host, origin, foreign) => {
    expect(isForeign(host, origin)).toBe(foreign);
  });
});
