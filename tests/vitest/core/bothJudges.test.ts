import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findPwsh } from '../../../core/bridge/findPwsh.ts';
import { judgeManifest } from '../../../core/manifest/judge.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const count = 100;

/** Cuts, doubles or replaces lines and words of the text. */
const edits = fc.array(
  fc.record({
    line: fc.nat({ max: 90 }),
    put: fc.constantFrom(
      'drop',
      'double',
      'null',
      '"x"',
      '-1',
      '1.5',
      '[]',
      '{}',
      'true',
      '1e3',
      '65536',
      'rename',
      '',
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

function edit(text: string, changes: readonly { line: number; put: string }[]): string {
  const lines = text.split('\n');
  for (const { line, put } of changes) {
    const at = line % lines.length;
    const old = lines[at] ?? '';
    if (put === 'drop') lines.splice(at, 1);
    else if (put === 'double') lines.splice(at, 0, old);
    else if (put === 'rename') lines[at] = old.replace(/"(\w)(\w*)":/, '"$2$1":');
    else lines[at] = old.replace(/: (?:"[^"]*"|[\w.-]+|\[\]|\{\})(,?)$/, `: ${put}$1`);
  }
  return lines.join('\n');
}

test(`both languages judge ${count} damaged manifests alike`, { timeout: 120_000 }, async () => {
  const sound = await readFile(join(root, 'tests/contract/fixtures/valid/external-comfyui.json'), 'utf8');
  const two = await readFile(join(root, 'tests/contract/fixtures/invalid/depends-on-later.json'), 'utf8');
  const texts = fc
    .sample(fc.tuple(fc.constantFrom(sound, two), edits), { numRuns: count, seed: 20_261_125 })
    .map(([text, changes]) => edit(text, changes));
  const folder = await mkdtemp(join(tmpdir(), 'both-judges-'));
  try {
    await writeFile(join(folder, 'texts.json'), JSON.stringify(texts));
    const script = [
      `Import-Module '${root.replaceAll("'", "''")}ps/Orchestrator.psd1'`,
      '& (Get-Module Orchestrator) { param($folder) Use-ModulePart Manifest',
      '$texts = Get-Content "$folder/texts.json" -Raw | ConvertFrom-Json -DateKind String',
      '$all = foreach ($text in $texts) { , @(Test-ManifestText -Text $text -Path x | ForEach-Object { "$($_.Code) $($_.Path) $($_.Line) $($_.Suggestion)".TrimEnd() }) }',
      `ConvertTo-Json @($all) -Depth 4 | Set-Content "$folder/judged.json" } '${folder}'`,
    ].join('; ');
    const pwsh = await findPwsh({ env: process.env, root });
    await promisify(execFile)(pwsh, ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', script]);
    const judged = JSON.parse(await readFile(join(folder, 'judged.json'), 'utf8')) as string[][];
    const mine = texts.map((text) =>
      judgeManifest(text, 'x').findings.map(({ code, path, line, suggestion }) =>
        `${code} ${path} ${line} ${suggestion ?? ''}`.trimEnd(),
      ),
    );
    const faults = new Set(mine.flat().map((finding) => finding.slice(0, 7)));
    expect([...faults].length).toBeGreaterThanOrEqual(5);
    expect(judged).toEqual(mine);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
