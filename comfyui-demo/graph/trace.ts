import type { TraceLines } from '../versions/profile.ts';
import { PyError } from './python.ts';

/** Tracebacks name a source of the demo's own; only line numbers and functions are those of the version. */
const SOURCE = 'comfyui-demo/execution.py';
const frame = (line: number, func: string): string => `  File "${SOURCE}", line ${line}, in ${func}\n`;

/** An error that remembers how many linked nodes deep it was raised. */
export class DeepError extends PyError {
  readonly depth: number;
  constructor(error: PyError, depth: number) {
    super(error.type, error.message);
    this.depth = depth;
  }
}

/** Frames from the per-node check down to the raising one. */
export const traceOfNode = (lines: TraceLines): string[] => [
  frame(lines.validateLinked, 'validate_inputs'),
  frame(lines.validateInputs, 'validate_inputs'),
];

export const traceOfPrompt = (lines: TraceLines, _error: PyError): string[] => [
  frame(lines.validatePrompt, 'validate_prompt'),
  frame(lines.validateInputs, 'validate_inputs'),
];

export const traceOfRun = (lines: TraceLines, nodeType: string): string[] => [
  ...lines.execute.map(([line, func]) => frame(line, func)),
  `  File "comfyui-demo/nodes/${nodeType}.py", line 29, in run\n`,
];
