import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';

export interface Row {
  readonly what: string;
  readonly figure: string;
  readonly target: string;
  /** Null where there is nothing to reach. */
  readonly met: boolean | null;
}

const word = (met: boolean | null) => (met === null ? '' : met ? 'met' : 'MISSED');

/** Prints one row as soon as it is measured, so that a long run shows progress. */
export function show({ what, figure, target, met }: Row): void {
  console.log(`${what.padEnd(58)} ${figure.padEnd(30)} ${target.padEnd(26)} ${word(met)}`);
}

/** Writes the table as Markdown. */
export async function writeReport(
  file: string,
  rows: readonly Row[],
  versions: Readonly<Record<string, string>>,
): Promise<void> {
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const lines = [
    '# Benchmarks',
    '',
    'Written by `npm run bench`: everything in one run on one machine, medians where several runs were made.',
    'Absolute times differ from machine to machine; compare the rows.',
    '',
    `Machine: ${machine}. ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}. ${new Date().toISOString().slice(0, 10)}.`,
    '',
    '| what | figure | target | |',
    '| --- | --- | --- | --- |',
    ...rows.map(({ what, figure, target, met }) => `| ${what} | ${figure} | ${target} | ${word(met)} |`),
    '',
  ];
  await writeFile(file, lines.join('\n'));
}
