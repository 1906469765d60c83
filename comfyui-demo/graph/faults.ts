import type { Json } from '../json.ts';
import type { Arguments, Value } from '../nodes/spec.ts';
import type { Profile } from '../versions/profile.ts';
import { PyError } from './python.ts';

/** A node stopped because its job was interrupted. */
export class Interrupted extends Error {}

/** A node that pretends to have run out of GPU memory. */
export class OutOfMemory extends Error {}

export type Fault =
  | { kind: 'interrupted' }
  | { kind: 'oom'; message: string; args: Arguments }
  | { kind: 'error'; type: string; message: string; args: Arguments };

/** @throws the error itself when it says that the program is stopping */
export function faultOf(error: unknown, args: Arguments): Fault {
  if (error instanceof Interrupted) return { kind: 'interrupted' };
  if (error instanceof OutOfMemory) return { kind: 'oom', message: error.message, args };
  if (error instanceof PyError) return { kind: 'error', type: error.type, message: error.message, args };
  if (error instanceof Error && error.name === 'AbortError') throw error;
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'error', type: 'RuntimeError', message, args };
}

const formatOne = (value: Json | Value | undefined): Json => {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return value;
  return 'kind' in value ? `<demo ${String(value.kind)}>` : String(value);
};

/** Arguments as an error message lists them: a list of values for each input. */
const formatArguments = (args: Arguments): Record<string, Json[]> =>
  Object.fromEntries(Object.entries(args).map(([name, value]) => [name, [formatOne(value)]]));

const OOM_ADVICE =
  '\nThis error means you ran out of memory on your GPU.\n\nTIPS: If the workflow worked before you might have accidentally set the batch_size to a large number.';

/** A fault in the words of a version. */
export function describeFault(
  fault: Exclude<Fault, { kind: 'interrupted' }>,
  { exceptionTail, currentOutputs, oomType }: Profile['execution'],
  nodeIds: readonly string[],
) {
  const oom = fault.kind === 'oom';
  return {
    type: oom ? oomType : fault.type,
    message: `${fault.message}${oom ? OOM_ADVICE : exceptionTail}`,
    described: {
      current_inputs: formatArguments(fault.args),
      current_outputs: currentOutputs === 'ids' ? nodeIds : {},
    },
  };
}
