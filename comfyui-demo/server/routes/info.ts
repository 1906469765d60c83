import { freemem, platform, totalmem } from 'node:os';
import { describeNode } from '../../nodes/describe.ts';
import { type App, featuresOf } from '../app.ts';
import { json, notFound } from '../reply.ts';
import type { Route } from '../router.ts';

const WINDOWS = 'win32';

function systemOf({ catalog, argv }: App): Record<string, unknown> {
  const { osName, memoryInSystem, reported, packages, reportsArgv, models } = catalog.profile;
  const family = platform() === WINDOWS ? 'nt' : 'posix';
  return {
    os: osName === 'family' ? family : platform(),
    ...(memoryInSystem && { ram_total: totalmem(), ram_free: freemem() }),
    ...(reported !== null && { comfyui_version: reported }),
    ...packages,
    python_version: `demo (Node.js ${process.versions.node})`,
    ...(models && { pytorch_version: '0.0.0+demo' }),
    embedded_python: false,
    ...(reportsArgv && { argv: ['main.py', '--demo', ...argv] }),
  };
}

/** As a server on a processor reports itself: the memory is the machine's. */
const device = () => ({
  name: 'demo (no GPU)',
  type: 'cpu',
  index: null,
  vram_total: totalmem(),
  vram_free: freemem(),
  torch_vram_total: totalmem(),
  torch_vram_free: freemem(),
});

function modelRoutes({ catalog }: App): Route[] {
  const { models: keys } = catalog.profile;
  if (!keys) return [];
  return [
    ['GET', '/models', () => json(keys)],
    [
      'GET',
      '/models/{folder}',
      ({ params: { folder = '' } }) =>
        keys.includes(folder) ? json(catalog.models[folder] ?? []) : notFound(),
    ],
  ];
}

export function infoRoutes(app: App): Route[] {
  const { catalog, registry } = app;
  const features = featuresOf(app);
  return [
    ['GET', '/system_stats', () => json({ system: systemOf(app), devices: [device()] })],
    ...(features ? [['GET', '/features', () => json(features)] satisfies Route] : []),
    ...modelRoutes(app),
    ['GET', '/embeddings', () => json([])],
    ['GET', '/extensions', () => json([])],
    [
      'GET',
      '/object_info',
      () =>
        json(Object.fromEntries([...registry].map(([name, spec]) => [name, describeNode(spec, catalog)]))),
    ],
    [
      'GET',
      '/object_info/{name}',
      ({ params: { name = '' } }) => {
        const spec = registry.get(name);
        return json(spec ? { [name]: describeNode(spec, catalog) } : {});
      },
    ],
  ];
}

/** The front end's own addresses; they have no twin below /api. */
export const internalRoutes = ({ log }: App): Route[] => [
  ['GET', '/internal/logs', () => json(log.entries.map(({ t, m }) => `${t} - ${m}`).join(''))],
  ['GET', '/internal/logs/raw', () => json({ entries: log.entries, size: { cols: 80, rows: 24 } })],
];
