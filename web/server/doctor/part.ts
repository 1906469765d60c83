import type { DoctorState } from '../../../core/contract/doctor.ts';
import type { Part } from '../app.ts';
import type { PanelBridge } from '../bridge.ts';
import { sendJson } from '../respond.ts';

/** A cold PowerShell and every check with its own patience. */
const timeoutMs = 120_000;

/** `GET /api/doctor`: the last report. `POST /api/doctor`: examines anew and answers with the result. */
export function createDoctorPart({
  bridge,
  clock = Date.now,
}: {
  bridge: PanelBridge;
  clock?: () => number;
}): Part {
  let report: DoctorState['report'] = null;
  let examining: Promise<void> | null = null;

  async function examine(): Promise<void> {
    const began = clock();
    const { data } = await bridge.call('Test-Orchestrator', {}, { timeoutMs });
    const ended = clock();
    report = { at: new Date(ended).toISOString(), tookMs: Math.round(ended - began), checks: [...data] };
  }

  const state = (): DoctorState => ({ running: examining !== null, report });

  return {
    routes: [
      {
        pattern: '/api/doctor',
        methods: {
          GET: ({ response }) => sendJson(response, JSON.stringify(state())),
          POST: async ({ response }) => {
            // Everybody who asks meanwhile gets the same examination.
            examining ??= examine().finally(() => {
              examining = null;
            });
            await examining;
            sendJson(response, JSON.stringify(state()));
          },
        },
      },
    ],
  };
}
