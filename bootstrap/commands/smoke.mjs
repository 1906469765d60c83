import { join } from 'node:path';
import { runWithBrowser } from '../browser.mjs';
import { root } from '../root.mjs';

/** Looks at an installed panel from outside: every page on every kind of screen, and the main answers of its API. */
export function run(args) {
  return runWithBrowser(join(root, 'tests', 'smoke', 'main.ts'), args);
}
