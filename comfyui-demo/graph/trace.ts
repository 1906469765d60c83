import type { TraceLines } from '../versions/profile.ts';

/** Tracebacks name a source of the demo's own; only line numbers and functions are those of the version. */
const SOURCE = 'comfyui-demo/execution.py';
const frame = (line: number, func: string): string => `  File "${SOURCE}", line ${line}, in ${func}\n`;

/** Frames of a fault in the check of a linked node. */
export const traceOfNode = (lines: TraceLines): string[] => [
  frame(lines.validateLinked, 'validate_inputs'),
  frame(lines.validateInputs, 'validate_inputs'),
];

/** Frames of a fault in the check of an output node. */
export const traceOfPrompt = (lines: TraceLines): string[] => [
  frame(lines.validatePrompt, 'validate_prompt'),
  frame(lines.validateInputs, 'validate_inputs'),
];

/** Frames of a fault in a running node. */
export const traceOfRun = (lines: TraceLines, nodeType: string): string[] => [
  ...lines.execute.map(([line, func]) => frame(line, func)),
  `  File "comfyui-demo/nodes/${nodeType}.py", line 29, in run\n`,
];
