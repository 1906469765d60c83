import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Service } from '../../core/contract/manifest.ts';
import { until } from '../until.ts';
import { WindowsBox } from './box.ts';
import { Installation } from './installation.ts';

/** What makes a value hard to hand over: blanks, quotes, backslashes before them, other letters, percent signs. */
const odd = [
  'два слова',
  '',
  ' ',
  'say "hi"',
  'C:\\dir\\',
  'C:\\two words\\',
  '\\"',
  '100 %',
  '%PATH%',
  '%NOPE%',
];
const args = [...odd, '--name="Я я"', 'a\\\\b', '&|<>^!', 'ёжик=%TEMP%;x'];
const variables = Object.fromEntries(args.map((value, index) => [`ODD_${index}`, value]));
const folder = 'F:\\Папка 100% %PATH% & co';

const report = `
const { writeFileSync } = require('node:fs');
const names = Object.keys(process.env).filter((name) => name.startsWith('ODD_'));
writeFileSync('F:/told.json', JSON.stringify({
  argv: process.argv.slice(2), cwd: process.cwd(), env: Object.fromEntries(names.map((name) => [name, process.env[name]])),
}));
console.log('Привет, "мир"');
process.on('SIGINT', () => process.exit(0));
setInterval(() => {}, 1000);
`;

describe('every field of the manifest reaches the program as it is', () => {
  let box: WindowsBox;
  let stack: Installation;

  beforeAll(async () => {
    box = await WindowsBox.create();
    stack = await Installation.create(box, {
      backend: 'Nssm',
      folder: 'Данные 50% "нет"'.replaceAll('"', "'"),
      change: (manifest) => {
        const [panel] = manifest.services as [Service];
        manifest.services = [
          {
            ...panel,
            displayName: 'Служба "Эхо" 100 % %PATH%',
            description: 'Says "what" it got: 100 %, %PATH%, C:\\dir\\',
            command: { file: `${folder}\\мой node.exe`, args: [`${folder}\\отчёт 1.cjs`, ...args] },
            cwd: folder,
            env: { ...panel.env, ...variables },
            port: null,
            health: { kind: 'process', startupGraceMs: 1000 },
          },
        ];
      },
    });
    await mkdir(box.toLinux(folder), { recursive: true });
    await cp(box.toLinux('C:\\node\\node.exe'), box.toLinux(`${folder}\\мой node.exe`));
    await writeFile(box.toLinux(`${folder}\\отчёт 1.cjs`), report);
  });

  afterAll(() => box?.dispose());

  test('argv, cwd and environment, byte for byte', async () => {
    const end = await stack.pwsh('Install-Orchestrator | Out-Null', { timeoutMs: 90_000 });
    expect(end.error, end.output).toBeNull();
    const file = box.toLinux('F:\\told.json');
    const told = await until('its report', async () => JSON.parse(await readFile(file, 'utf8')));
    expect(told).toEqual({ argv: args, cwd: folder, env: variables });
    await until('its log', () => stack.log('panel').includes('Привет, "мир"'));
  });

  test('names as Windows shows them, and no drift', async () => {
    const [row] = await stack.objects<{ DisplayName: string; Description: string }>(
      'Get-Service OrchestratorPanel | Select-Object DisplayName, Description',
    );
    const { displayName, description } = stack.service('panel');
    expect(row).toEqual({ DisplayName: displayName, Description: description });
    const [status] = await stack.objects<{ Drift: string[] }>('Get-OrchestratorStatus | Select-Object Drift');
    expect(status?.Drift).toEqual([]);
  });

  test('a second run says that there is nothing to change', async () => {
    const again = await stack.objects<{ Action: string }>('Install-Orchestrator | Select-Object Action');
    expect(again).toEqual([{ Action: 'none' }]);
  });
});
