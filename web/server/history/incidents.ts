import { readdir } from 'node:fs/promises';
import { OrchestratorError } from '../../../core/contract/errors.ts';
import { incidentsQuerySchema } from '../../../core/contract/incidents.ts';
import type { Manifest } from '../../../core/contract/manifest.ts';
import { type Incident, incidentSchema } from '../../../core/contract/state.ts';
import { findService } from '../../../core/manifest/findService.ts';
import { readState } from '../../../core/state/files.ts';
import type { StatePaths } from '../../../core/state/paths.ts';
import { newestFiles } from '../../../core/status/newest.ts';
import type { Part } from '../app.ts';
import { readQuery } from '../query.ts';
import { sendJson } from '../respond.ts';

/** So many files are looked through for the incidents of one service. */
const searched = 1000;

/** `GET /api/incidents` and `GET /api/incidents/{incident}`, from the guardian's own files. */
export function createIncidentsPart({
  manifest,
  paths,
}: {
  manifest: Manifest;
  paths: Pick<StatePaths, 'incidentDir' | 'incident'>;
}): Part {
  async function newest(service: string | null, limit: number): Promise<Incident[]> {
    const count = service === null ? limit : searched;
    const files = await newestFiles({ folder: paths.incidentDir, extension: '.json', count });
    const found: Incident[] = [];
    for (const file of files) {
      const { value } = await readState(file, incidentSchema);
      if (value && (service === null || value.service === service)) found.push(value);
    }
    return found.sort((a, b) => b.openedAt.localeCompare(a.openedAt)).slice(0, limit);
  }

  /** The name is looked up in the folder, never put into a path unseen. */
  async function single(id: string): Promise<Incident> {
    const names = await readdir(paths.incidentDir).catch((): string[] => []);
    const { value } = names.includes(`${id}.json`)
      ? await readState(paths.incident(id), incidentSchema)
      : { value: null };
    if (value) return value;
    throw new OrchestratorError('ORC4040', { id: id.slice(0, 64) });
  }

  return {
    routes: [
      {
        pattern: '/api/incidents',
        methods: {
          GET: async (exchange) => {
            const { service, limit } = readQuery(exchange, incidentsQuerySchema);
            const id = service === undefined ? null : findService(manifest, service).id;
            sendJson(exchange.response, JSON.stringify({ incidents: await newest(id, limit) }));
          },
        },
      },
      {
        pattern: '/api/incidents/{incident}',
        methods: {
          GET: async ({ response, params }) =>
            sendJson(response, JSON.stringify(await single(params['incident'] ?? ''))),
        },
      },
    ],
  };
}
