import type { SystemStatus } from '../../core/status/picture.ts';
import { showConnection, showGuardian } from './banners.ts';
import { createCards } from './cards.ts';
import { byId } from './dom.ts';
import { createIgnite } from './ignite.ts';
import { createIncidents } from './incidents.ts';
import { createMachine } from './machine.ts';
import { followEvents, type Hello } from './stream.ts';
import { pageTranslate } from './text.ts';
import { startTicker } from './time.ts';
import { showVerdict } from './verdict.ts';

const t = pageTranslate();
const language = document.documentElement.lang;
const cards = createCards({ t, language });
const ignite = createIgnite(t);
const incidents = createIncidents({ t, language });
const machine = createMachine({ t, language });

let hello: Hello = { self: null, role: 'operator', signIn: false };
let status: SystemStatus | null = null;
let seenAt: Date | null = null;
let live = false;

function show(): void {
  if (!status) return;
  const mayAct = live && hello.role === 'operator';
  cards.show(status, { self: hello.self, mayAct });
  ignite.show(status, mayAct);
  showVerdict(status, t);
  showGuardian(status, { t, language });
  incidents.show(status);
  machine.show(status);
}

followEvents({
  hello(next) {
    hello = next;
    byId('sign-out').hidden = !next.signIn;
    if (next.role === 'reader') byId('ignite-hint').textContent = t('role.reader');
  },
  status(next) {
    status = next;
    seenAt = new Date();
    show();
  },
  connected(next) {
    if (next) seenAt = new Date();
    if (next === live && seenAt) return;
    live = next;
    showConnection(live, { t, language, seenAt });
    show();
  },
});
startTicker(language);
