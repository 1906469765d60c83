import { PyError } from '../graph/python.ts';
import { solidPicture } from '../image/picture.ts';
import type { InputSpec, NodeSpec } from './spec.ts';
import { takeNumber } from './spec.ts';

const INPUTS: readonly InputSpec[] = [
  { name: 'steps', type: 'INT', config: { default: 4, min: 1, max: 10000 } },
  { name: 'seconds', type: 'FLOAT', config: { default: 0.05, min: 0, max: 60 } },
  { name: 'preview', type: 'BOOLEAN', config: { default: false } },
  { name: 'seed', type: 'INT', config: { default: 0, min: 0, max: 2 ** 31 } },
];
const SIZE = 64;

/** Counts steps, each with progress and, when asked, a preview: no model, no settings. */
const testSteps: NodeSpec = {
  name: 'TestSteps',
  category: 'demo/test',
  inputs: INPUTS,
  outputs: ['IMAGE'],
  run: async (args, context) => {
    const steps = takeNumber(args, 'steps', 1);
    const color = (takeNumber(args, 'seed') * 2654435761) & 0xffffff;
    const picture = solidPicture({ width: SIZE, height: SIZE, count: 1, color });
    for (let value = 1; value <= steps; value++) {
      await context.sleep(takeNumber(args, 'seconds') * 1000);
      await context.progress({ value, max: steps, ...(args.preview === true && { preview: picture }) });
    }
    return { values: [{ kind: 'IMAGE', picture }] };
  },
};

const testFail: NodeSpec = {
  name: 'TestFail',
  category: 'demo/test',
  inputs: INPUTS,
  outputs: ['IMAGE'],
  run: (args) => {
    throw new PyError('ValueError', `test failure ${takeNumber(args, 'seed')}`);
  },
};

/** Only with --test-nodes. */
export const TEST_NODES: readonly NodeSpec[] = [testSteps, testFail];
