import { setTimeout as pause } from 'node:timers/promises';
import { isErrorCode } from '../../core/contract/errors.ts';
import { createLogger } from '../../core/logger.ts';
import { createPanelBridge } from './bridge.ts';
import { startPanel } from './panel.ts';
import { loadSettings } from './settings.ts';

/** What a supervisor that is asked to stop the panel should wait at most. */
const stopMs = 1000;

/** PowerShell ends when the panel has not needed it for so long. */
const idleMs = 120_000;

async function main(): Promise<void> {
  const settings = await loadSettings({ env: process.env });
  const logger = createLogger({ name: 'panel', level: settings.logLevel });
  const bridge = createPanelBridge({ settings, env: process.env, logger, idleMs });
  const panel = await startPanel({ settings, bridge, logger });
  logger.info({ address: panel.address, boundTo: panel.boundTo, processId: process.pid }, 'panel listens');

  let stopping = false;
  const stop = async (reason: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, 'panel stops');
    // A cmdlet in flight must not hold up the end; its PowerShell is ended with the bridge.
    await Promise.race([Promise.all([panel.close(), bridge.dispose()]), pause(stopMs)]);
    process.exit(0);
  };
  process.on('SIGINT', () => void stop('SIGINT'));
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('message', (message) => {
    if (message === 'shutdown') void stop('shutdown');
  });
}

main().catch((error: unknown) => {
  const { code, message } = error as { code?: unknown; message?: string };
  const expected = typeof code === 'string' && isErrorCode(code);
  // One plain line for what an operator can mend; everything for what is our own fault.
  console.error(expected ? message : error);
  process.exit(1);
});
