import { ensureBuild } from '../build.mjs';
import { ensurePackages } from '../packages.mjs';

export async function run(args) {
  await ensurePackages();
  await ensureBuild({ force: args.includes('--force') });
  console.log('Built into dist/.');
  return 0;
}
