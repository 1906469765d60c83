import fc from 'fast-check';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, finished, type HistoryEntry, type Submitted, startDemo } from './demo-server.ts';
import { anyCase, type Case, downstream, fluxCase, type Graph, sdCase, toText } from './graphs.ts';

const RUNS = 40;
let demo: Demo;
beforeAll(async () => {
  demo = await startDemo();
});
afterAll(() => demo.stop());

interface Refusal {
  error: { type: string; message: string; details: string };
  node_errors: Submitted['node_errors'] &
    Record<
      string,
      { errors: { details: string; message: string }[]; dependent_outputs: string[]; class_type: string }
    >;
}

const send = (graph: Graph, more: Record<string, unknown> = {}) =>
  demo.post('/prompt', toText({ prompt: graph, ...more }));

async function run(graph: Graph): Promise<HistoryEntry> {
  const response = await send(graph);
  expect(response.status, await response.clone().text()).toBe(200);
  const { prompt_id: id, node_errors } = (await response.json()) as Submitted;
  expect(node_errors).toEqual({});
  return finished(demo, id);
}

async function refused(graph: unknown): Promise<Refusal> {
  const response = await demo.post('/prompt', toText({ prompt: graph }));
  expect(response.status).toBe(400);
  return (await response.json()) as Refusal;
}

const cachedNodes = (entry: HistoryEntry): string[] => {
  const message = entry.status.messages.find(([type]) => type === 'execution_cached');
  return ((message?.[1].nodes ?? []) as string[]).sort();
};

async function images(entry: HistoryEntry, output: string): Promise<PNG[]> {
  const list = entry.outputs[output]?.images ?? [];
  return Promise.all(
    list.map(async ({ filename, subfolder, type }) => {
      const query = new URLSearchParams({ filename, subfolder, type });
      const response = await demo.get(`/view?${query}`);
      expect(response.status).toBe(200);
      return PNG.sync.read(Buffer.from(await response.arrayBuffer()));
    }),
  );
}

const property = (base: fc.Arbitrary<Case>, check: (value: Case) => Promise<void>, numRuns = RUNS) =>
  fc.assert(fc.asyncProperty(base, check), { numRuns });

describe('graphs that are right', () => {
  it('run, and give as many images as asked for, of the size asked for', () =>
    property(anyCase(), async ({ graph, width, height, count, outputs }) => {
      const entry = await run(graph);
      expect(entry.status).toMatchObject({ status_str: 'success', completed: true });
      for (const output of outputs) {
        const made = await images(entry, output);
        expect(made).toHaveLength(count);
        for (const image of made) expect([image.width, image.height]).toEqual([width, height]);
      }
    }));

  it('run nothing when sent again, and answer with the same files', () =>
    property(anyCase(), async ({ graph, outputs }) => {
      const first = await run(graph);
      const response = await send(graph, { client_id: 'again' });
      const second = await finished(demo, ((await response.json()) as Submitted).prompt_id);
      expect(cachedNodes(second)).toEqual(Object.keys(graph).sort());
      for (const output of outputs) expect(second.outputs[output]).toEqual(first.outputs[output]);
    }));

  it('run again only what a changed value touches', () =>
    fc.assert(
      fc.asyncProperty(
        sdCase().chain((value) =>
          fc.record({
            value: fc.constant(value),
            role: fc.constantFrom('latent', 'positive', 'sampler', 'save'),
          }),
        ),
        async ({ value: { graph, ids }, role }) => {
          await run(graph);
          const id = ids[role] ?? '';
          const node = graph[id];
          if (!node) throw new Error('no such node');
          const change: Record<string, unknown> = {
            latent: { width: 208 },
            positive: { text: `${String(node.inputs.text)} and more` },
            sampler: { steps: 3 },
            save: { filename_prefix: `${String(node.inputs.filename_prefix)}x` },
          };
          const changed = { ...node, inputs: { ...node.inputs, ...(change[role] as object) } };
          const entry = await run({ ...graph, [id]: changed });
          const touched = downstream(graph, id);
          expect(cachedNodes(entry)).toEqual(
            Object.keys(graph)
              .filter((other) => !touched.has(other))
              .sort(),
          );
        },
      ),
      { numRuns: RUNS },
    ));

  it('draw a picture that depends on prompt, seed and size, and on nothing else', async () => {
    const [sample] = fc.sample(sdCase(), 1);
    if (!sample) throw new Error('no sample');
    const { graph, ids } = sample;
    const pixels = async (change: { text?: string; seed?: bigint; cfg?: number }) => {
      const { positive = '', sampler = '', save = '' } = ids;
      const [text, sampling] = [graph[positive], graph[sampler]];
      if (!text || !sampling) throw new Error('no such node');
      const inputs = { ...sampling.inputs, seed: change.seed ?? 7n, cfg: change.cfg ?? 7 };
      const entry = await run({
        ...graph,
        [positive]: { ...text, inputs: { ...text.inputs, text: change.text ?? 'a cat' } },
        [sampler]: { ...sampling, inputs },
      });
      return (await images(entry, save)).map(({ data }) => data.toString('base64')).join();
    };
    const plain = await pixels({});
    expect(await pixels({ cfg: 3 })).toBe(plain);
    expect(await pixels({ text: 'a dog' })).not.toBe(plain);
    expect(await pixels({ seed: 2n ** 64n - 1n })).not.toBe(await pixels({ seed: 2n ** 64n - 2n }));
  });

  it('keep every digit of a large seed', async () => {
    const [sample] = fc.sample(sdCase(), 1);
    if (!sample) throw new Error('no sample');
    const node = sample.graph[sample.ids.sampler ?? ''];
    if (node) node.inputs.seed = 18446744073709551557n;
    const response = await send(sample.graph);
    const { prompt_id: id } = (await response.json()) as Submitted;
    await finished(demo, id);
    expect(await (await demo.get(`/history/${id}`)).text()).toContain('"seed":18446744073709551557');
  });
});

interface Break {
  /** the node that is broken, by role */
  role: string;
  input: string;
  /** the value that it gets instead; left out, the input is taken away */
  value?: unknown;
  type: string;
}

const missing = (input: string): Break => ({ role: 'sampler', input, type: 'required_input_missing' });
const BREAKS: readonly Break[] = [
  ...['seed', 'steps', 'cfg', 'model', 'latent_image'].map(missing),
  { role: 'latent', input: 'width', value: 8, type: 'value_smaller_than_min' },
  { role: 'latent', input: 'height', value: 20000, type: 'value_bigger_than_max' },
  { role: 'sampler', input: 'seed', value: 2n ** 64n, type: 'value_bigger_than_max' },
  { role: 'sampler', input: 'cfg', value: 100.5, type: 'value_bigger_than_max' },
  { role: 'sampler', input: 'steps', value: 'many', type: 'invalid_input_type' },
  { role: 'sampler', input: 'steps', value: null, type: 'invalid_input_type' },
  { role: 'sampler', input: 'scheduler', value: 'none', type: 'value_not_in_list' },
  { role: 'model', input: 'ckpt_name', value: 'no.ckpt', type: 'value_not_in_list' },
  { role: 'decode', input: 'vae', value: ['x'], type: 'bad_linked_input' },
  { role: 'decode', input: 'samples', value: [1, 2, 3], type: 'bad_linked_input' },
];

describe('graphs that are broken', () => {
  it('are refused with the type of fault, the node and the input', () =>
    fc.assert(
      fc.asyncProperty(sdCase(), fc.constantFrom(...BREAKS), async ({ graph, ids, outputs }, fault) => {
        const id = ids[fault.role] ?? '';
        const inputs = graph[id]?.inputs ?? {};
        if (fault.value === undefined) delete inputs[fault.input];
        else inputs[fault.input] = fault.value;
        const { error, node_errors } = await refused(graph);
        expect(error.type).toBe('prompt_outputs_failed_validation');
        expect(Object.keys(node_errors)).toEqual([id]);
        const entry = node_errors[id];
        expect(entry).toMatchObject({ class_type: graph[id]?.class_type, dependent_outputs: outputs });
        expect(entry?.errors).toHaveLength(1);
        expect(entry?.errors[0]).toMatchObject({ type: fault.type, extra_info: { input_name: fault.input } });
      }),
      { numRuns: 2 * RUNS },
    ));

  it('are refused when a link brings the wrong type, or leads nowhere', () =>
    fc.assert(
      fc.asyncProperty(sdCase(), fc.boolean(), async ({ graph, ids }, nowhere) => {
        const { sampler = '', decode = '', latent = '' } = ids;
        const inputs = graph[sampler]?.inputs ?? {};
        inputs.model = nowhere ? ['no such node', 0] : [latent, 0];
        const { node_errors } = await refused(graph);
        const [error] = node_errors[sampler]?.errors ?? [];
        if (nowhere) {
          expect(error).toMatchObject({
            type: 'exception_during_inner_validation',
            details: "'no such node'",
            extra_info: { input_name: 'samples', exception_type: 'KeyError', linked_node: [sampler, 0] },
          });
        } else {
          expect(error).toMatchObject({
            type: 'return_type_mismatch',
            details: 'model, received_type(LATENT) mismatch input_type(MODEL)',
            extra_info: { input_name: 'model', linked_node: [latent, 0] },
          });
        }
        expect(node_errors[decode]).toBeUndefined();
      }),
      { numRuns: RUNS },
    ));

  it('are refused when a link asks for an output that the node does not have', () =>
    property(
      fluxCase(),
      async ({ graph, ids }) => {
        const inputs = graph[ids.decode ?? '']?.inputs ?? {};
        inputs.vae = [ids.vae, 1];
        const { node_errors } = await refused(graph);
        const [error] = node_errors[ids.decode ?? '']?.errors ?? [];
        expect(error).toMatchObject({ extra_info: { exception_type: 'IndexError' } });
      },
      10,
    ));

  it('are refused when they go in circles, with no node named', () =>
    fc.assert(
      fc.asyncProperty(sdCase(), fc.boolean(), async ({ graph, ids }, short) => {
        const { sampler = '', decode = '' } = ids;
        const inputs = graph[sampler]?.inputs ?? {};
        inputs.latent_image = [sampler, 0];
        if (!short) {
          graph.round = { class_type: 'KSampler', inputs: { ...inputs } };
          inputs.latent_image = ['round', 0];
        }
        expect(graph[decode]).toBeDefined();
        const { error, node_errors } = await refused(graph);
        expect(error.type).toBe('prompt_outputs_failed_validation');
        expect(node_errors).toEqual({});
      }),
      { numRuns: 10 },
    ));

  it('name an unknown class', () =>
    property(
      anyCase(),
      async ({ graph }) => {
        const [id = ''] = Object.keys(graph);
        const { error } = await refused({ ...graph, [id]: { class_type: 'No such class', inputs: {} } });
        expect(error).toMatchObject({ type: 'invalid_prompt', details: `Node ID '#${id}'` });
        expect(error.message).toContain('No such class');
      },
      10,
    ));

  it('run the part that is right when only one output is broken', () =>
    property(
      anyCase(),
      async ({ graph, outputs }) => {
        const broken = { class_type: 'SaveImage', inputs: { filename_prefix: 'x' } };
        const response = await send({ ...graph, 'broken one': broken });
        expect(response.status).toBe(200);
        const { prompt_id: id, node_errors } = (await response.json()) as Submitted;
        expect(Object.keys(node_errors)).toEqual(['broken one']);
        const entry = await finished(demo, id);
        expect(entry.prompt[4].sort()).toEqual([...outputs].sort());
        expect(Object.keys(entry.outputs).sort()).toEqual([...outputs].sort());
      },
      15,
    ));

  it('never bring the server down, whatever is sent', () =>
    fc.assert(
      fc.asyncProperty(
        fc.json({ depthSize: 'large' }),
        fc.constantFrom('', 'prompt', 'node'),
        async (text, place) => {
          const node = `{"a":{"class_type":"SaveImage","inputs":${text}}}`;
          const body = place === '' ? text : place === 'prompt' ? `{"prompt":${text}}` : `{"prompt":${node}}`;
          const response = await demo.post('/prompt', body);
          expect([200, 400, 500]).toContain(response.status);
          await response.text();
          expect((await demo.get('/system_stats')).status).toBe(200);
        },
      ),
      { numRuns: 150 },
    ));
});
