import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { CueSettings } from './cues.ts';
import { FLAGS } from './flags.ts';
import { isVersion, VERSIONS, type Version } from './versions/profile.ts';

export interface Options {
  version: Version;
  listen: readonly string[];
  port: number;
  corsOrigin: string | null;
  /** bytes */
  maxUpload: number;
  folders: { output: string; input: string; temp: string };
  models: boolean;
  testNodes: boolean;
  previews: boolean;
  embedMetadata: boolean;
  disableApiNodes: boolean;
  announce: boolean;
  logToStdout: boolean;
  stepMs: number;
  startDelay: number;
  cues: CueSettings;
}

/** The command line is wrong; the message says how. */
export class UsageError extends Error {}

/** Gives flags whose value may be left out their bare value, which parseArgs cannot. */
function completeBare(argv: readonly string[]): string[] {
  return argv.flatMap((word, index) => {
    const { kind, bare = '' } = FLAGS[word.replace(/^--/, '')] ?? {};
    const next = argv[index + 1];
    return kind === 'maybe' && (next === undefined || next.startsWith('--')) ? [`${word}=${bare}`] : [word];
  });
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

function parse(argv: readonly string[]): Values {
  const options = Object.fromEntries(
    Object.entries(FLAGS).map(([name, { kind }]) => [
      name,
      { type: kind === 'flag' ? 'boolean' : 'string' } as const,
    ]),
  );
  try {
    return parseArgs({ args: completeBare(argv), options, allowPositionals: false }).values as Values;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' && code !== 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL')
      throw new UsageError(message);
    throw new UsageError(`unrecognized arguments: ${/'([^']*)'/.exec(message)?.[1] ?? message}`);
  }
}

function whole(values: Values, name: string, fallback: number, max = Number.MAX_SAFE_INTEGER): number {
  const given = values[name];
  if (given === undefined) return fallback;
  const number = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (!(number <= max)) throw new UsageError(`argument --${name}: invalid int value: '${String(given)}'`);
  return number;
}

const optional = (values: Values, name: string): number | null =>
  values[name] === undefined ? null : whole(values, name, 0);
const textOf = (values: Values, name: string, fallback: string): string => {
  const given = values[name];
  return typeof given === 'string' ? given : fallback;
};

function choice<T extends string>(
  values: Values,
  name: string,
  isOne: (text: string) => text is T,
  list: readonly string[],
  fallback: T,
): T {
  const given = textOf(values, name, fallback);
  if (isOne(given)) return given;
  const choices = list.map((item) => `'${item}'`).join(', ');
  throw new UsageError(`argument --${name}: invalid choice: '${given}' (choose from ${choices})`);
}

const PREVIEW_METHODS = ['none', 'auto', 'latent2rgb', 'taesd'] as const;
type PreviewMethod = (typeof PREVIEW_METHODS)[number];
const isPreviewMethod = (name: string): name is PreviewMethod =>
  (PREVIEW_METHODS as readonly string[]).includes(name);

function foldersOf(values: Values): Options['folders'] {
  const base = textOf(values, 'base-directory', 'comfyui-demo-data');
  const folder = (name: string): string => resolve(textOf(values, `${name}-directory`, join(base, name)));
  return {
    output: folder('output'),
    input: folder('input'),
    temp: join(resolve(textOf(values, 'temp-directory', base)), 'temp'),
  };
}

const cuesOf = (values: Values): CueSettings => ({
  slow: whole(values, 'slow', 0),
  failNode: values['fail-node'] === undefined ? null : textOf(values, 'fail-node', ''),
  hangAfter: optional(values, 'hang-after'),
  crashAfter: optional(values, 'crash-after'),
  exitCode: whole(values, 'exit-code', 1, 255),
});

/** @returns the options, or 'help' when that was asked. @throws UsageError */
export function readOptions(argv: readonly string[]): Options | 'help' {
  const values = parse(argv);
  if (values.help) return 'help';
  return {
    version: choice(values, 'as', isVersion, VERSIONS, '0.8.0'),
    listen: textOf(values, 'listen', '127.0.0.1').split(','),
    port: whole(values, 'port', 8188, 65535),
    corsOrigin: values['enable-cors-header'] === undefined ? null : textOf(values, 'enable-cors-header', '*'),
    maxUpload: whole(values, 'max-upload-size', 100) * 1024 * 1024,
    folders: foldersOf(values),
    models: !values['no-models'],
    testNodes: values['test-nodes'] === true,
    previews: choice(values, 'preview-method', isPreviewMethod, PREVIEW_METHODS, 'none') !== 'none',
    embedMetadata: !values['disable-metadata'],
    disableApiNodes: values['disable-api-nodes'] === true,
    announce: !values['dont-print-server'],
    logToStdout: values['log-stdout'] === true,
    stepMs: whole(values, 'step-ms', 60),
    startDelay: whole(values, 'start-delay', 0),
    cues: cuesOf(values),
  };
}
