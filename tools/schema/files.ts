import { cmdlets } from '../../core/contract/cmdlets.ts';
import { envelopeSchema, requestSchema } from '../../core/contract/envelope.ts';
import { manifestSchema } from '../../core/contract/manifest.ts';
import { desiredSchema, heartbeatSchema, incidentSchema, runSchema } from '../../core/contract/state.ts';
import { apiPage } from './apiPage.ts';
import { errorsPage } from './errorsPage.ts';
import { jsonSchema } from './jsonSchema.ts';
import { detailsFile, stringsFile } from './strings.ts';

/** Every generated file: path from the project's root → content. The same input gives the same bytes. */
export function generatedFiles(): Map<string, string> {
  const files = new Map<string, string>([
    ['ps/schema/manifest.schema.json', jsonSchema(manifestSchema)],
    ['ps/schema/envelope.schema.json', jsonSchema(envelopeSchema)],
    ['ps/schema/request.schema.json', jsonSchema(requestSchema)],
    ['ps/schema/state/desired.schema.json', jsonSchema(desiredSchema)],
    ['ps/schema/state/run.schema.json', jsonSchema(runSchema)],
    ['ps/schema/state/guardian.schema.json', jsonSchema(heartbeatSchema)],
    ['ps/schema/state/incident.schema.json', jsonSchema(incidentSchema)],
    ['ps/en-US/Orchestrator.strings.psd1', stringsFile('en')],
    ['ps/ru-RU/Orchestrator.strings.psd1', stringsFile('ru')],
    ['ps/en-US/Orchestrator.details.psd1', detailsFile('en')],
    ['ps/ru-RU/Orchestrator.details.psd1', detailsFile('ru')],
    ['docs/errors.md', errorsPage()],
    ['docs/api.md', apiPage()],
  ]);
  for (const [name, { params, result }] of Object.entries(cmdlets)) {
    files.set(`ps/schema/cmdlets/${name}.params.schema.json`, jsonSchema(params));
    files.set(`ps/schema/cmdlets/${name}.result.schema.json`, jsonSchema(result));
  }
  return files;
}
