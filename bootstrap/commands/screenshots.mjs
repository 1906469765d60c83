import { join } from 'node:path';
import { runWithBrowser } from '../browser.mjs';
import { root } from '../root.mjs';

/** Takes a picture of every page into docs/screenshots, or into the folder that is named. */
export function run(args) {
  return runWithBrowser(join(root, 'tests', 'screenshots', 'main.ts'), args, { built: true });
}
