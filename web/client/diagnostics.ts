import type { Span } from '../../core/contract/history.ts';
import type { Incident } from '../../core/contract/state.ts';
import { get } from './api.ts';
import { createDoctor } from './doctor.ts';
import { byId } from './dom.ts';
import { startPage, words } from './frame.ts';
import { createIncidents } from './incidents.ts';
import { createLatency } from './latency.ts';
import { createLogs } from './logs/logs.ts';
import { createMachine } from './machine.ts';
import { createTable } from './table.ts';
import { followUptime } from './uptime.ts';

let span: Span = '24h';
const table = createTable(words);
const latency = createLatency({ ...words, span: () => span });
const machine = createMachine(words);
const doctor = createDoctor(words);
const logs = createLogs({ ...words, reopen: () => stream.reopen() });
const incidents = createIncidents({ ...words, jump: (incident) => void logs.jump(incident) });

const askUptime = followUptime({ span: () => span, show: (report) => table.showUptime(report, span) });

for (const button of byId('span').querySelectorAll<HTMLElement>('button')) {
  button.addEventListener('click', () => {
    span = button.dataset['span'] as Span;
    for (const each of byId('span').children) each.setAttribute('aria-pressed', String(each === button));
    askUptime();
    latency.refresh();
  });
}

/** The picture carries the newest 20; the list goes further back, and is asked for when they change. */
let newest = '';
let listed: readonly Incident[] | null = null;

const stream = startPage({
  query: () => `with=comfy,host&${logs.query()}`,
  show({ status, mayAct }) {
    const { services } = status;
    table.show(services);
    latency.show(services);
    machine.showStatus(status);
    doctor.allow(mayAct);
    // What runs elsewhere has its log there.
    logs.offer(services.filter(({ mode }) => mode !== 'external'));
    incidents.show(listed ?? status.incidents, services);
    const next = JSON.stringify(status.incidents);
    if (next === newest) return;
    newest = next;
    void get<{ incidents: Incident[] }>('/api/incidents?limit=100').then((answer) => {
      if (!answer) return;
      listed = answer.incidents;
      incidents.show(listed, services);
    });
  },
  comfy: machine.showComfy,
  host: machine.showHost,
  logs: logs.take,
});
