import { OrchestratorError } from '../contract/errors.ts';
import type { Manifest, Service } from '../contract/manifest.ts';

/** The service with this id or alias. Throws ORC2001, which names the known ones. */
export function findService({ services }: Manifest, name: string): Service {
  const found = services.find(({ id, aliases }) => id === name || aliases.includes(name));
  if (found) return found;
  const known = services.flatMap(({ id, aliases }) => [id, ...aliases]).join(', ');
  throw new OrchestratorError('ORC2001', { name: name.slice(0, 64), known });
}
