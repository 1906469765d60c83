// Meets all that node-powershell answers with an unhandled rejection or an uncaught exception, as a program of its own:
// Node ends one with exit code 1 if any of it gets through. Prints the codes of the failures as JSON.
import { findPwsh } from '../../../core/bridge/findPwsh.ts';
import { fakeBridge, pidOf, root } from '../../vitest/bridge/fixture.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  );
const codes: Record<string, string> = {};

for (const pwsh of ['/nowhere/pwsh', '/bin/false', '/bin/true', '/etc/passwd']) {
  const bridge = fakeBridge({ pwsh });
  codes[pwsh] = await codeOf(bridge.call('Get-FakeEcho', {}));
  await bridge.dispose();
}

const bridge = fakeBridge({ pwsh: () => findPwsh({ env: process.env, root }) });
const large = { Value: 'x'.repeat(1_000_000) };
await bridge.warm();
process.kill(pidOf(bridge), 'SIGKILL');
codes['killed at the moment of a call'] = await codeOf(bridge.call('Get-FakeEcho', large));
codes['the next'] = await codeOf(bridge.call('Get-FakeEcho', {}));
process.kill(pidOf(bridge), 'SIGTERM');
await pause(1000);
codes['after a death while idle'] = await codeOf(bridge.call('Get-FakeEcho', {}));
codes['exit inside'] = await codeOf(bridge.call('Invoke-FakeError', { Kind: 'exit' }));
const late = codeOf(bridge.call('Start-FakeSleep', { Seconds: 30 }));
const queued = codeOf(bridge.call('Get-FakeEcho', {}));
await bridge.dispose();
codes['disposed in a call'] = await late;
codes['disposed in the queue'] = await queued;
await bridge.dispose();
await pause(500);
process.stdout.write(`${JSON.stringify(codes)}\n`);
