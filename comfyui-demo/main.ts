import { enableCompileCache } from 'node:module';

// Run from source, most of a start goes into stripping types: the cache keeps what that gives.
enableCompileCache();
const { run } = await import('./program.ts');
await run(process.argv.slice(2));
