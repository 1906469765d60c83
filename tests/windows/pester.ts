// Runs Pester in a box. Usage: node tests/windows/pester.ts <report.json> [path of the project ...]
import { cp } from 'node:fs/promises';
import { WindowsBox } from './box.ts';

/** Those of the tests for every system that say something about Windows and start no service. */
const standard = [
  'tests/windows',
  ...['Bridge', 'Log', 'Overrides', 'Secret', 'State', 'Status'].map(
    (name) => `tests/pester/unit/${name}.Tests.ps1`,
  ),
];

const [report = 'tests/.out/windows-pester.json', ...wanted] = process.argv.slice(2);
const paths = wanted.length > 0 ? wanted : standard;
const box = await WindowsBox.create({
  extra: ['tests/pester', 'tests/windows', 'tests/contract', 'tests/fakes'],
});
const inBox = (path: string) => `${WindowsBox.project}\\${path.replaceAll('/', '\\')}`;
try {
  const command = ['C:\\pwsh\\pwsh.exe', '-NoLogo', '-NoProfile', '-File', inBox('tests/pester/run.ps1')];
  const { exitCode } = await box.exec(
    [...command, '-Path', paths.map(inBox).join(','), '-Report', 'F:\\pester.json'],
    {
      env: { PSModulePath: 'C:\\pester' },
      timeoutMs: 300_000,
      onText: (text) => process.stdout.write(text),
    },
  );
  await cp(box.toLinux('F:\\pester.json'), report);
  process.exitCode = exitCode;
} finally {
  await box.dispose();
}
