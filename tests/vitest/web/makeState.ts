import { scenes } from './scenes.ts';
import { createStateFolder, withMoreServices } from './stateFolder.ts';

// node tests/vitest/web/makeState.ts FOLDER PORT SCENE: a data folder to look at; keeps its heartbeat fresh until ended.
const [dataDir = '.orchestrator', port = '3000', name = 'healthy'] = process.argv.slice(2);
const scene = scenes[name];
if (!scene) throw new Error(`scenes: ${Object.keys(scenes).join(', ')}`);
const change = name === 'failed' ? withMoreServices : undefined;
const folder = await createStateFolder({ dataDir, port: Number(port), ...(change && { change }) });
console.log(`ORCHESTRATOR_MANIFEST=${folder.manifestPath}`);
await scene(folder);
setInterval(() => void scene(folder), 10_000);
