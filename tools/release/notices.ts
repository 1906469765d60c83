import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The licenses of what a release holds of others: the packages inside its bundles, and Node.js. */
export async function licenseNotices({
  root,
  nodeVersion,
}: {
  root: string;
  nodeVersion: string;
}): Promise<string> {
  const names: string[] = JSON.parse(await readFile(join(root, 'dist', '.packages.json'), 'utf8'));
  const notices = await Promise.all(names.map((name) => noticeOf(join(root, 'node_modules', name))));
  const head = [
    '# Third-party software',
    'The programs in dist/ hold parts of these packages; each is used under its own license.',
    `Node.js ${nodeVersion} lies in .runtime/. Its license: <https://github.com/nodejs/node/blob/v${nodeVersion}/LICENSE>`,
  ];
  return `${[...head, ...notices].join('\n\n')}\n`;
}

async function noticeOf(folder: string): Promise<string> {
  const { name, version, license, author }: Record<string, unknown> = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const file = (await readdir(folder)).sort().find((entry) => /^licen[cs]e/i.test(entry));
  const by = typeof author === 'string' ? author : (author as { name?: string } | undefined)?.name;
  const words = file
    ? (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n').trim()
    : `License: ${license}.${by === undefined ? '' : ` Copyright: ${by}.`}`;
  return `## ${name} ${version}\n\n${words.replace(/^/gm, '    ').replace(/[ \t]+$/gm, '')}`;
}
