import { join } from 'node:path';
import { ensurePowerShell } from './powershell.mjs';
import { root } from './root.mjs';
import { shown } from './spawn.mjs';

/**
 * Runs one of the scripts beside this file in PowerShell on the user's terminal. Arguments reach it as they are.
 * It gets its own process group: Ctrl+C is ours to handle, so that a half-made start can be undone.
 */
export async function runScript(script, args = [], { onSpawn } = {}) {
  const pwsh = await ensurePowerShell();
  return shown(
    pwsh,
    ['-NoLogo', '-NoProfile', '-NonInteractive', '-File', join(root, 'bootstrap', script), ...args],
    {
      env: { POWERSHELL_TELEMETRY_OPTOUT: '1', POWERSHELL_UPDATECHECK: 'Off' },
      detached: process.platform !== 'win32',
      onSpawn,
    },
  );
}
