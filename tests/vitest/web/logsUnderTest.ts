import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Manifest } from '../../../core/contract/manifest.ts';
import { rotatedName } from '../../../core/logs/rotatedName.ts';
import { startTestPanel } from './panelUnderTest.ts';
import { withMoreServices } from './stateFolder.ts';

/** A panel whose services log into its own folder. */
export async function panelWithLogs(env: Readonly<Record<string, string>> = {}) {
  const change = (manifest: Manifest): Manifest => ({
    ...withMoreServices(manifest),
    services: withMoreServices(manifest).services.map((service) => ({
      ...service,
      logs: {
        ...service.logs,
        stdout: join(manifest.paths.logs, `${service.id}-stdout.log`),
        stderr: join(
          manifest.paths.logs,
          `${service.id}-${service.id === 'guardian' ? 'stdout' : 'stderr'}.log`,
        ),
      },
    })),
  });
  const under = await startTestPanel({ change, env });
  const folder = under.folder.manifest.paths.logs;
  mkdirSync(folder);
  const file = (name: string) => join(folder, `${name}.log`);
  let stamp = Date.UTC(2026, 0, 1);
  return {
    ...under,
    file,
    write: (name: string, text: string) => writeFileSync(file(name), text),
    append: (name: string, text: string) => appendFileSync(file(name), text),
    rotate(name: string) {
      stamp += 1;
      const rotated = join(dirname(file(name)), rotatedName(file(name), stamp));
      renameSync(file(name), rotated);
      return rotated;
    },
  };
}
