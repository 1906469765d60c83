import { OrchestratorError } from '../../../core/contract/errors.ts';

/** Turns a refusal of the system into ORC4025; what has a code of ours already keeps it. */
export async function readingFaults<T>(log: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { syscall, code } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new OrchestratorError('ORC4025', { log, detail: code ?? 'unknown' }, error);
  }
}
