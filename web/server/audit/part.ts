import { auditQuerySchema } from '../../../core/contract/audit.ts';
import type { Part } from '../app.ts';
import { readQuery } from '../query.ts';
import { sendJson } from '../respond.ts';
import type { AuditLog } from './log.ts';

/** `GET /api/audit`, for operators. */
export function createAuditPart({ audit }: { audit: AuditLog }): Part {
  return {
    routes: [
      {
        pattern: '/api/audit',
        operatorsOnly: true,
        methods: {
          GET: async (exchange) => {
            const { limit } = readQuery(exchange, auditQuerySchema);
            sendJson(exchange.response, JSON.stringify({ entries: await audit.newest(limit) }));
          },
        },
      },
    ],
  };
}
