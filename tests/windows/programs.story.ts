import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WindowsBox } from './box.ts';
import { type ProgramName, parts } from './template.ts';

describe('the box drives the real programs', () => {
  let box: WindowsBox;

  beforeAll(async () => {
    box = await WindowsBox.create();
  });

  afterAll(() => box?.dispose());

  const said: Record<ProgramName, string> = {
    nssm: '$result = (Get-Item C:\\nssm\\nssm.exe).VersionInfo.FileVersion',
    pwsh: '$result = "$($PSVersionTable.PSVersion) $($PSVersionTable.Platform) $([Environment]::ProcessPath)"',
    node: '$result = & C:\\node\\node.exe -p "process.version.slice(1) + String.fromCharCode(32) + process.platform"',
  };
  const expected: Record<ProgramName, RegExp> = {
    nssm: /^2\.23/,
    pwsh: /^7\.6\.9 Win32NT C:\\pwsh\\pwsh\.exe$/i,
    node: /^22\.23\.3 win32$/,
  };

  test.each(Object.keys(parts.programs) as ProgramName[])('%s.exe', async (name) => {
    const { path, sha256 } = parts.programs[name];
    const seen = await box.fingerprint(path);
    const { data, output } = await box.pwsh(said[name], { module: false });
    console.log(`${path}  ${data}  SHA-256 ${seen.sha256}`);
    expect(seen).toEqual({ sha256, magic: 'MZ' });
    expect(data, output).toMatch(expected[name]);
  });
});
