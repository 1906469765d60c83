import type { AuditEntry } from '../../../core/contract/audit.ts';
import type { Logger } from '../../../core/logger.ts';
import { createJournal, type JournalOptions } from './journal.ts';

export interface AuditLog {
  /** Never rejects: an action must not fail because it could not be written down. */
  add(entry: AuditEntry): Promise<void>;
  /** The newest first. */
  newest(limit: number): Promise<AuditEntry[]>;
  /** Resolves when all that was added is written. */
  close(): Promise<void>;
}

/** Files of refusals that are kept. */
const refusedFiles = 2;

/**
 * Who asked for what. Requests of nobody have files of their own: whoever can reach the panel can make as many as they
 * like, and must not push out with them what operators did.
 */
export function createAuditLog({
  folder,
  logger,
  size = '5M',
  files = 10,
}: {
  folder: string;
  logger: Logger;
  size?: JournalOptions['size'];
  /** Of actions, beside the one that is written. */
  files?: number;
}): AuditLog {
  const failed = (error: unknown) =>
    logger.error({ err: error }, 'an action could not be written to the audit log');
  const actions = createJournal({ folder, name: 'audit', size, files, failed });
  const refused = createJournal({ folder, name: 'refused', size, files: refusedFiles, failed });

  return {
    add: (entry) => (entry.who.role === 'nobody' ? refused : actions).add(entry),
    async newest(limit) {
      const both = await Promise.all([actions.newest(limit), refused.newest(limit)]);
      return both
        .flat()
        .sort((a, b) => b.at.localeCompare(a.at))
        .slice(0, limit);
    },
    async close() {
      await Promise.all([actions.close(), refused.close()]);
    },
  };
}
