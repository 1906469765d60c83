import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OrchestratorError } from '../../core/contract/errors.ts';
import type { Manifest, Service } from '../../core/contract/manifest.ts';
import { loadManifest } from '../../core/manifest/load.ts';
import { resolveManifestPath } from '../../core/manifest/resolve.ts';
import { readSecrets } from '../../core/secrets.ts';
import { isLoopback } from './address.ts';

export interface PanelSettings {
  readonly root: string;
  /** Of this program. */
  readonly version: string;
  readonly manifestPath: string;
  readonly manifest: Manifest;
  readonly panel: Service;
  /** Id as which a service host runs this program; null when it was started by hand. */
  readonly selfId: string | null;
  readonly port: number;
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
  readonly token: string | null;
  readonly readToken: string | null;
  /** Host headers of a reverse proxy, from ORCHESTRATOR_ALLOWED_HOSTS. */
  readonly extraHosts: readonly string[];
  readonly logLevel: string;
  /** Values of the manifest's secrets as they are now. */
  readonly secretValues: () => readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Everything the panel is told from outside. Throws ORC1… for the manifest, ORC4007 for an open panel without token. */
export async function loadSettings({
  env,
  root = env['ORCHESTRATOR_ROOT'] || projectRoot(),
  secrets: given,
}: {
  env: Environment;
  root?: string;
  /** Of the environment and `.env.local`. */
  secrets?: Environment;
}): Promise<PanelSettings> {
  const readNow = () => given ?? readSecrets({ root, env });
  const secrets = readNow();
  const { path: manifestPath, manifest } = await loadManifest(resolveManifestPath({ env, root }));
  const selfId = env.ORCHESTRATOR_SERVICE_ID || null;
  const panel = findPanel(manifest, selfId ?? 'panel', manifestPath);
  const token = secrets['ORCHESTRATOR_TOKEN'] ?? null;
  const readToken = secrets['ORCHESTRATOR_READ_TOKEN'] ?? null;
  if (!isLoopback(panel.host)) judgeTokens(panel.host, token, readToken);
  return {
    root,
    version: await readVersion(root),
    manifestPath,
    manifest,
    panel,
    selfId,
    port: panel.port ?? 3000,
    tls: await readTls(manifest.panel.tls),
    token,
    readToken,
    extraHosts: (env.ORCHESTRATOR_ALLOWED_HOSTS ?? '').split(/[\s,]+/).filter(Boolean),
    logLevel: env.LOG_LEVEL || panel.env.LOG_LEVEL || 'info',
    secretValues() {
      const now = readNow();
      return manifest.secrets.flatMap((name) => now[name] ?? []);
    },
  };
}

function findPanel(manifest: Manifest, id: string, path: string): Service {
  const found = manifest.services.find((service) => service.id === id);
  if (found) return found;
  throw new OrchestratorError('ORC1005', {
    path,
    line: 0,
    pointer: '/services',
    detail: `There is no service "${id}".`,
  });
}

/** Shorter ones could be found by trying. */
const leastToken = 16;

function judgeTokens(host: string, token: string | null, readToken: string | null): void {
  if (token === null) throw new OrchestratorError('ORC4007', { host });
  for (const [name, value] of Object.entries({
    ORCHESTRATOR_TOKEN: token,
    ORCHESTRATOR_READ_TOKEN: readToken,
  })) {
    if (value === null || value.length >= leastToken) continue;
    throw new OrchestratorError('ORC4012', { name, length: value.length, host, least: leastToken });
  }
}

async function readTls(tls: Manifest['panel']['tls']): Promise<PanelSettings['tls']> {
  if (tls === null) return null;
  const read = (file: string) =>
    readFile(file).catch((error: NodeJS.ErrnoException) => {
      throw new OrchestratorError('ORC4011', { detail: `${file}: ${error.code ?? error.message}` });
    });
  return { cert: await read(tls.certFile), key: await read(tls.keyFile) };
}

async function readVersion(root: string): Promise<string> {
  const text = await readFile(join(root, 'package.json'), 'utf8').catch(() => '{}');
  const { version = 'unknown' } = JSON.parse(text) as { version?: string };
  return version;
}

/** The folder above this file, bundled or not, that holds the manifests. */
export function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'deploy')) || !existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) return process.cwd();
    folder = parent;
  }
  return folder;
}
