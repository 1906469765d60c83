import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedFiles } from './schema/files.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

function current(file: string): string | null {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch {
    return null;
  }
}

const differing = [...generatedFiles()].filter(([file, text]) => current(file) !== text);

if (process.argv.includes('--check')) {
  for (const [file] of differing) console.error(`differs from core/contract: ${file}`);
  if (differing.length > 0) console.error('Run: npm run schema');
  process.exitCode = differing.length > 0 ? 1 : 0;
} else {
  for (const [file, text] of differing) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
    console.log(`wrote ${file}`);
  }
}
