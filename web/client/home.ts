import { createCards } from './cards.ts';
import { byId } from './dom.ts';
import { startPage, words } from './frame.ts';
import { createIgnite } from './ignite.ts';
import { createImages } from './images.ts';
import { createIncidents } from './incidents.ts';
import { createMachine } from './machine.ts';
import { followUptime } from './uptime.ts';

const cards = createCards(words);
const ignite = createIgnite(words.t);
const incidents = createIncidents(words);
const machine = createMachine(words);
const images = createImages(words.t);

followUptime({ span: () => '24h', show: (report) => cards.showUptime(report) });
startPage({
  show({ status, hello, mayAct }) {
    cards.show(status, { self: hello.self, mayAct });
    ignite.show(status, mayAct);
    incidents.show(status.incidents.slice(0, 5), status.services);
    machine.showStatus(status);
    if (hello.role === 'reader') byId('ignite-hint').textContent = words.t('role.reader');
  },
  comfy(comfy) {
    machine.showComfy(comfy);
    images.show(comfy);
  },
  host: machine.showHost,
});
