import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { CueSettings } from './cues.ts';
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

type Kind = 'text' | 'maybe' | 'flag';
interface Flag {
  kind: Kind;
  help?: string;
  /** value of a flag given bare */
  bare?: string;
}

const flag = (help?: string): Flag => ({ kind: 'flag', ...(help && { help }) });
const text = (help?: string): Flag => ({ kind: 'text', ...(help && { help }) });
const maybe = (bare: string, help?: string): Flag => ({ kind: 'maybe', bare, ...(help && { help }) });

const OWN: Record<string, Flag> = {
  help: flag('this text'),
  as: text(`version to answer as: ${VERSIONS.join(', ')} (0.8.0)`),
  listen: maybe('0.0.0.0,::', 'address or addresses, comma-separated (127.0.0.1)'),
  port: text('port (8188)'),
  'enable-cors-header': maybe('*', 'allowed origin; switches the origin check off'),
  'max-upload-size': text('largest body, in MB (100)'),
  'base-directory': text('folder of the three below (comfyui-demo-data)'),
  'output-directory': text('folder of saved images'),
  'input-directory': text('folder of uploads'),
  'temp-directory': text('folder in which a temp folder is made; that one is emptied'),
  'preview-method': text('none, or auto for previews while sampling (none)'),
  'disable-metadata': flag('no graph in the PNG files'),
  'disable-api-nodes': flag('adds the Content-Security-Policy of newer versions'),
  'dont-print-server': flag('no readiness lines'),
  'log-stdout': flag('log to stdout instead of stderr'),
  'step-ms': text('ms that one sampling step takes (60)'),
  'no-models': flag('empty model lists'),
  'test-nodes': flag('adds TestSteps and TestFail'),
  demo: flag('says what this is; changes nothing'),
  slow: text('ms that every answer waits (0)'),
  'fail-node': text('class whose nodes raise'),
  'hang-after': text('jobs after which HTTP is no longer answered'),
  'crash-after': text('jobs after which the process exits'),
  'exit-code': text('exit code of --crash-after (1)'),
  'start-delay': text('ms before the port is opened (0)'),
};

/** Flags of the real program that mean nothing here; taken so that its command lines work. */
const IGNORED: Record<string, Flag> = {
  ...Object.fromEntries(
    'auto-launch disable-auto-launch windows-standalone-build cpu gpu-only highvram normalvram lowvram novram multi-user cache-classic cache-none disable-all-custom-nodes enable-compress-response-body quick-test-for-ci force-fp32 force-fp16 fast-disk dont-upcast-attention disable-smart-memory deterministic enable-manager disable-xformers use-split-cross-attention use-quad-cross-attention use-pytorch-cross-attention use-sage-attention bf16-unet fp16-unet fp16-vae fp32-vae bf16-vae cpu-vae disable-cuda-malloc'
      .split(' ')
      .map((name) => [name, flag()]),
  ),
  ...Object.fromEntries(
    'user-directory extra-model-paths-config cuda-device default-device reserve-vram preview-size cache-lru front-end-version front-end-root database-url whitelist-custom-nodes tls-keyfile tls-certfile async-offload'
      .split(' ')
      .map((name) => [name, text()]),
  ),
  verbose: maybe('DEBUG'),
  fast: maybe(''),
};

const FLAGS: Record<string, Flag> = { ...OWN, ...IGNORED };
const PROGRAM = 'main.ts';

export const usage = (): string =>
  `usage: ${PROGRAM} ${Object.entries(OWN)
    .map(
      ([name, { kind }]) => `[--${name}${kind === 'flag' ? '' : kind === 'maybe' ? ' [VALUE]' : ' VALUE'}]`,
    )
    .join(' ')}`;

export const help = (): string =>
  [
    usage(),
    '',
    'A demo that speaks the protocol of ComfyUI and draws test pictures. It has no models.',
    '',
    ...Object.entries(OWN).map(([name, flagged]) => `  --${name.padEnd(20)} ${flagged.help ?? ''}`),
    '',
    'Accepted and ignored:',
    `  ${Object.keys(IGNORED)
      .map((name) => `--${name}`)
      .join(' ')}`,
  ].join('\n');

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
