import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { OrchestratorError } from '../contract/errors.ts';
import { type Manifest, manifestSchema } from '../contract/manifest.ts';

export interface LoadedManifest {
  readonly path: string;
  /** Paths made absolute from the manifest's folder. */
  readonly manifest: Manifest;
}

/** Reads and judges a manifest. Throws OrchestratorError (ORC1001 … ORC1010) with the first fault. */
export async function loadManifest(path: string): Promise<LoadedManifest> {
  const absolute = resolve(path);
  let text: string;
  try {
    text = await readFile(absolute, 'utf8');
  } catch (cause) {
    throw new OrchestratorError('ORC1001', { path: absolute }, cause);
  }
  const parsed = manifestSchema.safeParse(JSON.parse(text));
  if (!parsed.success) {
    throw new OrchestratorError('ORC1005', {
      path: absolute,
      line: 0,
      pointer: '',
      detail: parsed.error.message,
    });
  }
  return { path: absolute, manifest: absolutePaths(parsed.data, dirname(absolute)) };
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
