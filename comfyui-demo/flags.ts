import { VERSIONS } from './versions/profile.ts';

type Kind = 'text' | 'maybe' | 'flag';
export interface Flag {
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

export const FLAGS: Record<string, Flag> = { ...OWN, ...IGNORED };
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
