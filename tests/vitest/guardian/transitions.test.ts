import { describe, expect, it } from 'vitest';
import { decide } from '../../../guardian/policy/decide.ts';
import { pauseAfterRefusal, pauseBeforeNext } from '../../../guardian/policy/pause.ts';
import type { Observation, ServicePolicy, ServiceState } from '../../../guardian/policy/types.ts';
import { bad, gone, good, inState, now, policy, running, seen, stranger, unwanted } from './policyRig.ts';

interface Row {
  readonly it: string;
  readonly from: ServiceState;
  readonly sees: Partial<Observation>;
  readonly rules?: Partial<ServicePolicy>;
  readonly becomes: Partial<ServiceState>;
  /** The attempt and the process it may replace; 'exhausted' for the alert; null for no action. */
  readonly does: readonly [attempt: number, expectedProcessId: number] | 'exhausted' | null;
  readonly says: RegExp;
}

const held = { hold: { processId: 100, until: now + 60_000 }, attempts: 1 };
const cooled = { attempts: 1, nextAction: 'restart', nextActionAt: now - 1 };
const killed = gone('exited', { signal: 'SIGKILL' });
const moving = { progressAt: now - 1000 };
const asked = { state: 'running', generation: 2, at: now - 100 } as const;
const comfy = { id: 'comfyui', state: 'suspect' };

// biome-ignore format: one row a case
const rows: readonly Row[] = [
  // healthy and suspect
  { it: 'stays healthy', from: inState('healthy'), sees: { probe: good }, becomes: { state: 'healthy', latencyMs: 3 }, does: null, says: /^It answers\.$/ },
  { it: 'suspects at the first failure', from: inState('healthy'), sees: { probe: bad }, becomes: { state: 'suspect', failures: 1 }, does: null, says: /^Connection refused: failure 1 of 3\.$/ },
  { it: 'keeps counting', from: inState('suspect', { failures: 1 }), sees: { probe: bad }, becomes: { state: 'suspect', failures: 2 }, does: null, says: /failure 2 of 3/ },
  { it: 'restarts at the threshold', from: inState('suspect', { failures: 2 }), sees: { probe: bad }, becomes: { state: 'restarting', attempts: 1, hold: { processId: 100, until: now + 65_000 } }, does: [1, 100], says: /attempt 1 of 3: no answer for 5 s/ },
  { it: 'forgets failures at a good answer', from: inState('suspect', { failures: 2 }), sees: { probe: good }, becomes: { state: 'healthy', failures: 0 }, does: null, says: /answers/ },
  { it: 'says which status a sick service gives', from: inState('suspect', { failures: 2 }), sees: { probe: { ...bad, answered: true, detail: 'status 500' } }, becomes: { state: 'restarting' }, does: [1, 100], says: /status 500 for 5 s/ },
  { it: 'forgives attempts after long health', from: inState('healthy', { attempts: 2, since: now - 600_000 }), sees: { probe: good }, becomes: { attempts: 0 }, does: null, says: /answers/ },
  { it: 'does not forgive them sooner', from: inState('healthy', { attempts: 2, since: now - 599_999 }), sees: { probe: good }, becomes: { attempts: 2 }, does: null, says: /answers/ },
  { it: 'does nothing without a result', from: inState('healthy'), sees: { process: null }, becomes: inState('healthy'), does: null, says: /./ },
  // a death
  { it: 'restarts a killed process at once', from: inState('healthy'), sees: { process: killed }, becomes: { state: 'restarting', attempts: 1, processId: null }, does: [1, 0], says: /exited with code 137 \(killed by SIGKILL\)/ },
  { it: 'names an exit code', from: inState('healthy'), sees: { process: gone('exited', { exitCode: 1 }) }, becomes: { state: 'restarting' }, does: [1, 0], says: /exited with code 1\.$/ },
  { it: 'restarts what died unseen with its host', from: inState('healthy'), sees: { process: gone('lost') }, becomes: { state: 'restarting' }, does: [1, 0], says: /nobody saw how/ },
  { it: 'waits before the second attempt', from: inState('starting', { attempts: 1 }), sees: { process: killed }, becomes: { state: 'cooling', nextActionAt: now + 30_000, attempts: 1 }, does: null, says: /Waiting 30 s before attempt 2 of 3/ },
  { it: 'gives up after the third', from: inState('starting', { attempts: 3 }), sees: { process: killed }, becomes: { state: 'exhausted', attempts: 3, nextActionAt: null }, does: 'exhausted', says: /Given up after 3 attempts: exited with code 137/ },
  { it: 'takes a dead host with a living program for a failure', from: inState('healthy'), sees: { process: running(100, { hosted: false }), probe: good }, becomes: { state: 'restarting' }, does: [1, 100], says: /host process .* is gone/ },
  { it: 'lets an orphan run when the attempts are used up', from: inState('healthy', { attempts: 3 }), sees: { process: running(100, { hosted: false }), probe: good }, becomes: { state: 'healthy' }, does: null, says: /answers/ },
  // starting and grace
  { it: 'has patience with a fresh process', from: inState('starting', { lastHealthyAt: null }), sees: { process: running(100, { startedAt: now - 59_000 }), probe: bad }, becomes: { state: 'starting', failures: 1 }, does: null, says: /no good answer yet; it has until 03:04:06 UTC/ },
  { it: 'acts when the grace is over', from: inState('starting', { failures: 9, lastHealthyAt: null }), sees: { process: running(100, { startedAt: now - 60_000 }), probe: bad }, becomes: { state: 'restarting' }, does: [1, 100], says: /no answer for 60 s/ },
  { it: 'counts to the threshold when it comes late', from: inState('starting', { lastHealthyAt: null }), sees: { probe: bad }, becomes: { state: 'suspect', failures: 1 }, does: null, says: /failure 1 of 3/ },
  { it: 'ends the grace with the first good answer', from: inState('healthy', { lastHealthyAt: now - 1000 }), sees: { process: running(100, { startedAt: now - 9000 }), probe: bad }, becomes: { state: 'suspect' }, does: null, says: /failure 1/ },
  { it: 'restarts a process that dies in its grace', from: inState('starting', { lastHealthyAt: null }), sees: { process: gone('exited', { startedAt: now - 900, exitCode: 2 }) }, becomes: { state: 'restarting' }, does: [1, 0], says: /code 2/ },
  { it: 'calls a started process healthy', from: inState('starting'), sees: { probe: good }, becomes: { state: 'healthy', lastHealthyAt: now }, does: null, says: /answers/ },
  // on hold
  { it: 'holds while the old process is there', from: inState('restarting', held), sees: { probe: bad, acting: true }, becomes: { state: 'restarting', ...held }, does: null, says: /./ },
  { it: 'does not believe the old process', from: inState('restarting', held), sees: { probe: good }, becomes: { state: 'restarting' }, does: null, says: /./ },
  { it: 'goes on with a new process', from: inState('restarting', held), sees: { process: running(200), probe: bad }, becomes: { state: 'starting', hold: null, processId: 200, failures: 0, attempts: 1 }, does: null, says: /process 200 is starting/i },
  { it: 'knows a reused process id by its time', from: inState('restarting', held), sees: { process: running(100, { startedAt: now - 1000 }) }, becomes: { state: 'starting', hold: null }, does: null, says: /starting/ },
  { it: 'holds while nothing runs', from: inState('restarting', held), sees: { process: gone('stopped'), acting: true }, becomes: { state: 'restarting' }, does: null, says: /./ },
  { it: 'sees that the new process died too', from: inState('restarting', held), sees: { process: gone('exited', { exitCode: 1, startedAt: now - 2000 }) }, becomes: { state: 'cooling', hold: null }, does: null, says: /attempt 2 of 3: exited with code 1/ },
  { it: 'sees that the program could not be started', from: inState('restarting', held), sees: { process: gone('failed', { error: 'The file is missing.', at: now }) }, becomes: { state: 'cooling' }, does: null, says: /could not be started: The file is missing\.$/ },
  { it: 'holds over the death it answers to', from: inState('restarting', { ...held, hold: { processId: null, until: now + 60_000 } }), sees: { process: gone('exited', { at: now - 6000 }), acting: true }, becomes: { state: 'restarting' }, does: null, says: /./ },
  { it: 'counts what the module could not do', from: inState('restarting', held), sees: { process: gone('stopped'), action: { kind: 'failed', detail: 'Port 8188 is taken.' } }, becomes: { state: 'cooling', attempts: 1 }, does: null, says: /could not be started: Port 8188 is taken/ },
  { it: 'gives back an attempt that could not be made', from: inState('restarting', held), sees: { action: { kind: 'refused', detail: 'PowerShell is not available.' } }, becomes: { state: 'cooling', attempts: 0, refusals: 1, nextActionAt: now + 1000 }, does: null, says: /tried again in 1 s: PowerShell is not available\.$/ },
  { it: 'gives back one and no more', from: inState('restarting', { ...held, attempts: 3, refusals: 1 }), sees: { process: gone('stopped'), action: { kind: 'refused', detail: 'x' } }, becomes: { state: 'cooling', attempts: 2, refusals: 2, nextActionAt: now + 2000 }, does: null, says: /in 2 s: x/ },
  { it: 'counts it after all when its process appears', from: inState('cooling', { ...cooled, attempts: 0, refusals: 1, nextActionAt: now + 500 }), sees: { process: running(200) }, becomes: { state: 'starting', attempts: 1, refusals: 0 }, does: null, says: /200/ },
  { it: 'holds on when the outcome is not known', from: inState('restarting', held), sees: { action: { kind: 'unknown', detail: 'no answer' } }, becomes: { state: 'restarting', attempts: 1 }, does: null, says: /./ },
  { it: 'ends the hold of a lost restart', from: inState('restarting', { ...held, since: now - 35_000 }), sees: { process: killed }, becomes: { state: 'cooling', hold: null }, does: null, says: /no new process appeared/ },
  { it: 'waits as long as the module works on it', from: inState('restarting', { ...held, since: now - 35_000 }), sees: { process: killed, acting: true }, becomes: { state: 'restarting' }, does: null, says: /./ },
  { it: 'finishes a restart that was cut off by its own death', from: inState('restarting', { ...held, since: now - 9000 }), sees: { inherited: true, process: gone('stopped', { at: now - 3000 }) }, becomes: { state: 'restarting', since: now, attempts: 1 }, does: [1, 0], says: /cut off, attempt 1 of 3/ },
  { it: 'but not before it is sure', from: inState('restarting', { ...held, since: now - 9000 }), sees: { inherited: true, process: gone('stopped', { at: now - 2999 }) }, becomes: { state: 'restarting', since: now - 9000 }, does: null, says: /./ },
  { it: 'nor one that it carries out itself', from: inState('restarting', { ...held, since: now - 9000 }), sees: { process: gone('stopped', { at: now - 3000 }) }, becomes: { state: 'restarting', since: now - 9000 }, does: null, says: /./ },
  { it: 'looks again when a lost restart left the old process', from: inState('restarting', { ...held, since: now - 35_000, failures: 3 }), sees: {}, becomes: { state: 'suspect', failures: 3, hold: null }, does: null, says: /no effect/ },
  // cooling
  { it: 'cools', from: inState('cooling', { ...cooled, nextActionAt: now + 1 }), sees: { process: killed }, becomes: { state: 'cooling', nextActionAt: now + 1 }, does: null, says: /./ },
  { it: 'tries again after cooling', from: inState('cooling', cooled), sees: { process: killed }, becomes: { state: 'restarting', attempts: 2 }, does: [2, 0], says: /attempt 2 of 3/ },
  { it: 'tries again when it still hangs', from: inState('cooling', { ...cooled, failures: 3 }), sees: { probe: bad }, becomes: { state: 'restarting', attempts: 2 }, does: [2, 100], says: /attempt 2 of 3/ },
  { it: 'is glad of a recovery while cooling', from: inState('cooling', cooled), sees: { probe: good }, becomes: { state: 'healthy', attempts: 1, nextActionAt: null }, does: null, says: /answers/ },
  { it: 'never acts while the module still acts', from: inState('cooling', cooled), sees: { process: killed, acting: true }, becomes: { state: 'cooling', attempts: 1 }, does: null, says: /./ },
  { it: 'shortens a pause that a clock set back made long', from: inState('cooling', { ...cooled, nextActionAt: now + 86_400_000 }), sees: { process: killed }, becomes: { state: 'cooling', nextActionAt: now + 300_000 }, does: null, says: /./ },
  // exhausted
  { it: 'stays silent once it has given up', from: inState('exhausted', { attempts: 3 }), sees: { process: killed }, becomes: { state: 'exhausted' }, does: null, says: /./ },
  { it: 'is revived by a person', from: inState('exhausted', { attempts: 3 }), sees: { process: gone('stopped'), desired: asked }, becomes: { state: 'starting', attempts: 0, generation: 2 }, does: null, says: /start was asked for/ },
  { it: 'is healthy when it recovers by itself', from: inState('exhausted', { attempts: 3 }), sees: { probe: good }, becomes: { state: 'healthy', attempts: 3 }, does: null, says: /answers/ },
  { it: 'tries again late where the manifest says so', from: inState('exhausted', { attempts: 3, nextActionAt: now }), sees: { process: killed }, rules: { retryExhaustedMs: 3_600_000 }, becomes: { state: 'restarting', attempts: 3 }, does: [3, 0], says: /attempt 3 of 3/ },
  { it: 'does not try before that', from: inState('exhausted', { attempts: 3, nextActionAt: now + 1 }), sees: { process: killed }, rules: { retryExhaustedMs: 3_600_000 }, becomes: { state: 'exhausted' }, does: null, says: /./ },
  // desired
  { it: 'leaves a stopped service alone', from: inState('healthy'), sees: { process: gone('stopped'), desired: unwanted }, becomes: { state: 'stopped', generation: 2, processId: null }, does: null, says: /Stopped on request/ },
  { it: 'leaves a crash of an unwanted one alone', from: inState('stopped'), sees: { process: killed, desired: unwanted }, becomes: { state: 'stopped' }, does: null, says: /Stopped/ },
  { it: 'says when an unwanted one runs', from: inState('healthy'), sees: { desired: unwanted }, becomes: { state: 'stopped', processId: 100 }, does: null, says: /should be stopped and still runs/ },
  { it: 'drops a hold at a stop', from: inState('restarting', held), sees: { desired: unwanted, process: gone('stopped') }, becomes: { state: 'stopped', hold: null, attempts: 0 }, does: null, says: /Stopped/ },
  { it: 'lets who asked for the start do it', from: inState('stopped'), sees: { desired: asked, process: gone('stopped') }, becomes: { state: 'starting', hold: { processId: null, until: now - 100 + 35_000 } }, does: null, says: /asked for/ },
  { it: 'takes the stop within a restart for no failure', from: inState('healthy', { generation: 2 }), sees: { desired: asked, process: gone('stopped') }, becomes: { state: 'starting', processId: null, hold: { processId: null, until: now - 100 + 35_000 } }, does: null, says: /being started on request/ },
  { it: 'but a death within it for one', from: inState('healthy', { generation: 2 }), sees: { desired: asked, process: killed }, becomes: { state: 'restarting', attempts: 1 }, does: [1, 0], says: /SIGKILL/ },
  { it: 'helps when that start fails', from: inState('starting', { generation: 2, hold: { processId: null, until: now + 9000 } }), sees: { desired: asked, process: gone('failed', { at: now - 50, error: 'no such file' }) }, becomes: { state: 'restarting', attempts: 1 }, does: [1, 0], says: /no such file/ },
  { it: 'starts what nobody starts', from: inState('starting', { hold: { processId: null, until: now } }), sees: { process: gone('stopped') }, becomes: { state: 'restarting', attempts: 0 }, does: [0, 0], says: /^Starting it: it should run and does not\.$/ },
  { it: 'starts at boot without counting it', from: inState('healthy'), sees: { process: gone('rebooted') }, becomes: { state: 'restarting', attempts: 0 }, does: [0, 0], says: /before the machine was restarted/ },
  { it: 'remembers at boot that it had given up', from: inState('exhausted', { attempts: 3 }), sees: { process: gone('rebooted') }, becomes: { state: 'exhausted', attempts: 3 }, does: null, says: /./ },
  { it: 'counts a stop that nobody asked for', from: inState('healthy'), sees: { process: gone('stopped') }, becomes: { state: 'restarting', attempts: 1 }, does: [1, 0], says: /does not run/ },
  { it: 'keeps all when the wish cannot be read', from: inState('healthy'), sees: { desired: null, process: killed }, becomes: inState('healthy'), does: null, says: /./ },
  // who is to blame
  { it: 'blames the dependency for a failed probe', from: inState('suspect', { failures: 2 }), sees: { probe: bad, dependency: comfy }, becomes: { state: 'suspect', failures: 2 }, does: null, says: /Waits for comfyui, which is suspect/ },
  { it: 'blames the dependency for a death', from: inState('healthy'), sees: { process: killed, dependency: comfy }, becomes: { state: 'suspect', attempts: 0 }, does: null, says: /Waits for comfyui/ },
  { it: 'starts a dependant only after it', from: inState('starting', { hold: { processId: null, until: now } }), sees: { process: gone('never'), dependency: comfy }, becomes: { state: 'starting', attempts: 0 }, does: null, says: /Waits for comfyui/ },
  { it: 'takes a good answer from a stranger for a failure', from: inState('healthy'), sees: { probe: stranger }, becomes: { state: 'suspect' }, does: null, says: /^Port 8188 is held by python3 \(pid 123\): failure 1 of 3\.$/ },
  { it: 'takes an unknown owner for none', from: inState('suspect'), sees: { probe: { ...good, owner: { kind: 'unknown' } } }, becomes: { state: 'healthy' }, does: null, says: /answers/ },
  // a running job
  { it: 'spares a job that makes progress', from: inState('suspect', { failures: 5, lastHealthyAt: now - 90_000 }), sees: { probe: bad, busy: moving }, becomes: { state: 'suspect', attempts: 0 }, does: null, says: /running job makes progress/ },
  { it: 'does not spare one that stands still', from: inState('suspect', { failures: 5, lastHealthyAt: now - 300_000 }), sees: { probe: bad, busy: { progressAt: now - 120_000 } }, becomes: { state: 'restarting' }, does: [1, 100], says: /no answer for 5 min/ },
  { it: 'spares it no longer than ten minutes', from: inState('suspect', { failures: 50, lastHealthyAt: now - 600_000 }), sees: { probe: bad, busy: moving }, becomes: { state: 'restarting' }, does: [1, 100], says: /no answer for 10 min/ },
  { it: 'restarts it when it crashed all the same', from: inState('healthy'), sees: { process: killed, busy: moving }, becomes: { state: 'restarting' }, does: [1, 0], says: /SIGKILL/ },
  // whom it may not touch
  { it: 'leaves a service to its host', from: inState('healthy'), sees: { process: killed }, rules: { restart: 'host' }, becomes: { state: 'suspect', attempts: 0 }, does: null, says: /its host restarts it/ },
  { it: 'leaves a service whose policy is never', from: inState('suspect', { failures: 2 }), sees: { probe: bad }, rules: { restart: 'never' }, becomes: { state: 'suspect' }, does: null, says: /policy is never/ },
  { it: 'only watches an external service', from: inState('suspect', { failures: 9 }), sees: { probe: bad, process: null }, rules: { external: true }, becomes: { state: 'suspect', failures: 10 }, does: null, says: /external and left alone/ },
  { it: 'believes an external answer whoever gives it', from: inState('suspect'), sees: { probe: stranger, process: null, desired: null }, rules: { external: true }, becomes: { state: 'healthy' }, does: null, says: /answers/ },
  { it: 'skips what misses a file', from: inState('healthy'), sees: { missing: '/models/flux', process: gone('never') }, becomes: { state: 'skipped' }, does: null, says: /Skipped: \/models\/flux is missing/ },
  { it: 'starts it when the file is there again', from: inState('skipped'), sees: { process: gone('never') }, becomes: { state: 'restarting', attempts: 0 }, does: [0, 0], says: /Starting it/ },
];

describe('the transition table', () => {
  it.each(rows)('$it ($from.state)', ({ from, sees, rules, becomes, does, says }) => {
    const { state, actions, reason } = decide(from, seen(sees), { ...policy, ...rules }, now);
    expect(state).toMatchObject(becomes);
    expect(reason).toMatch(says);
    expect(reason).toBe(state.reason);
    const expected =
      does === null
        ? []
        : does === 'exhausted'
          ? [{ kind: 'exhausted' }]
          : [{ kind: 'restart', attempt: does[0], expectedProcessId: does[1] }];
    expect(actions).toEqual(expected);
  });
});

describe('pauses', () => {
  it('stay the same with factor 1 and grow up to the limit with more', () => {
    expect([1, 2, 3].map((n) => pauseBeforeNext(policy, n, 0))).toEqual([30_000, 30_000, 30_000]);
    const growing = { ...policy, backoffFactor: 3, backoffMaxMs: 200_000 };
    expect([1, 2, 3, 9].map((n) => pauseBeforeNext(growing, n, 0))).toEqual([
      30_000, 90_000, 200_000, 200_000,
    ]);
  });
  it('move by the jitter and no further', () => {
    const shaky = { ...policy, jitter: 0.5 };
    expect([-1, -9, 1, 0.5].map((j) => pauseBeforeNext(shaky, 1, j))).toEqual([
      15_000, 15_000, 45_000, 37_500,
    ]);
  });
  it('after refusals double up to a minute', () => {
    expect([1, 2, 3, 7, 500].map(pauseAfterRefusal)).toEqual([1000, 2000, 4000, 60_000, 60_000]);
  });
});
