import type { UptimeReport } from '../../core/contract/history.ts';
import type { SystemStatus } from '../../core/status/picture.ts';
import { post } from './api.ts';
import { type Card, createCard } from './card.ts';
import type { Action } from './cardModel.ts';
import { byId, part, setText } from './dom.ts';
import type { TextKey, Translate } from './text.ts';
import { uptimeBars } from './uptime.ts';

export interface Cards {
  show(status: SystemStatus, context: { self: string | null; mayAct: boolean }): void;
  showUptime(report: UptimeReport): void;
}

/** The grid of cards: one per service, in the order of the manifest. */
export function createCards({ t, language }: { t: Translate; language: string }): Cards {
  const place = byId('services');
  const announcer = byId('announcer');
  const cards = new Map<string, Card>();
  const words = new Map<string, string>();

  async function act(id: string, action: Action): Promise<void> {
    const card = cards.get(id);
    if (!card) return;
    card.setFault(null);
    card.setNote('');
    card.setBusy(action);
    const answer = await post<{ message?: string }>(`/api/system/${id}/${action}`, t);
    card.setBusy(null);
    if (!answer.ok) card.setFault(answer.fault);
    else if (answer.body.message) card.setNote(answer.body.message);
  }

  function cardOf(id: string): Card {
    const known = cards.get(id);
    if (known) return known;
    const card = createCard({ t, language, act: (action) => void act(id, action) });
    cards.set(id, card);
    return card;
  }

  /** Says a change of health to those who do not see it; the first picture is no change. */
  function announce({ services }: SystemStatus): void {
    const news: string[] = [];
    for (const { id, displayName, health } of services) {
      const before = words.get(id);
      words.set(id, health);
      const key: TextKey = `health.${health}`;
      if (before && before !== health) news.push(t('announce.health', { name: displayName, word: t(key) }));
    }
    if (news.length > 0) setText(announcer, news.join('. '));
  }

  function arrange(ids: readonly string[]): void {
    const present = [...place.children];
    const wanted = ids.map((id) => cardOf(id).element);
    if (present.length === wanted.length && wanted.every((element, index) => element === present[index]))
      return;
    place.replaceChildren(...wanted);
  }

  return {
    showUptime({ services }) {
      for (const service of services) {
        part(cardOf(service.id).element, '[data-field="uptime"]').replaceChildren(
          uptimeBars(service, '24h', { t, language }),
        );
      }
    },
    show(status, { self, mayAct }) {
      const { services, incidents } = status;
      arrange(services.map(({ id }) => id));
      for (const service of services) {
        cardOf(service.id).show({ service, incidents, self: service.id === self, mayAct });
      }
      announce(status);
      place.setAttribute('aria-busy', 'false');
      byId('services-empty').hidden = services.length > 0;
    },
  };
}
