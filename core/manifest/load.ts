import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { isErrorCode, OrchestratorError } from '../contract/errors.ts';
import type { Manifest } from '../contract/manifest.ts';
import { judgeManifest, ManifestError } from './judge.ts';

export interface LoadedManifest {
  readonly path: string;
  /** Paths made absolute from the manifest's folder. */
  readonly manifest: Manifest;
}

/** Reads and judges a manifest. Throws ORC1001, or a ManifestError (ORC1002 … ORC1010) of the first fault with all of them. */
export async function loadManifest(path: string): Promise<LoadedManifest> {
  const absolute = resolve(path);
  let text: string;
  try {
    text = await readFile(absolute, 'utf8');
  } catch (cause) {
    throw new OrchestratorError('ORC1001', { path: absolute }, cause);
  }
  const { manifest, findings, firstData } = judgeManifest(text, absolute);
  if (manifest) return { path: absolute, manifest: absolutePaths(manifest, dirname(absolute)) };
  const code = findings[0]?.code ?? '';
  throw new ManifestError(isErrorCode(code) ? code : 'ORC1005', firstData ?? { path: absolute }, findings);
}

/** The same manifest with every relative path made absolute from `folder`. */
export function absolutePaths(manifest: Manifest, folder: string): Manifest {
  const at = (path: string) =>
    isAbsolute(path) || /^[A-Za-z]:[\\/]/.test(path) ? path : resolve(folder, path);
  return {
    ...manifest,
    paths: { data: at(manifest.paths.data), logs: at(manifest.paths.logs) },
    panel: {
      tls: manifest.panel.tls && {
        certFile: at(manifest.panel.tls.certFile),
        keyFile: at(manifest.panel.tls.keyFile),
      },
    },
    services: manifest.services.map((service) => ({
      ...service,
      cwd: at(service.cwd),
      requires: service.requires.map(at),
      logs: { ...service.logs, stdout: at(service.logs.stdout), stderr: at(service.logs.stderr) },
    })),
  };
}
