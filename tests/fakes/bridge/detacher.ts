// Asks for a mark from a PowerShell of its own, says so, and waits to be killed.
import { callDetached } from '../../../core/bridge/detached.ts';
import { cmdlets, modulePath, pwsh, root } from '../../vitest/bridge/fixture.ts';

const [, , launcher = '', Path = ''] = process.argv;
await callDetached({
  pwsh,
  root,
  env: process.env,
  launcher,
  cmdlets,
  modulePath,
  cmdlet: 'Set-FakeMark',
  params: { Path, Seconds: 1 },
});
process.stdout.write('asked\n');
setInterval(() => {}, 1000);
