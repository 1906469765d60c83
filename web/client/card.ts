import type { ServiceStatus } from '../../core/contract/cmdlets.ts';
import type { Incident } from '../../core/contract/state.ts';
import { isElsewhere } from './address.ts';
import type { Fault } from './api.ts';
import { type Action, lastFailure, sensibleActions, toneOf } from './cardModel.ts';
import { isDisabled, make, part, setDisabled, setLamp, setText } from './dom.ts';
import { faultView } from './fault.ts';
import type { Translate } from './text.ts';
import { milliseconds, moment } from './time.ts';

export interface Card {
  readonly element: HTMLElement;
  show(view: CardView): void;
  setBusy(action: Action | null): void;
  setFault(fault: Fault | null): void;
  setNote(text: string): void;
}

export interface CardView {
  readonly service: ServiceStatus;
  readonly incidents: readonly Incident[];
  /** The card of the panel that serves this page. */
  readonly self: boolean;
  /** False while the connection is lost, or for somebody who may only look. */
  readonly mayAct: boolean;
}

const actions = ['start', 'stop', 'restart'] as const;

/** One service's card. It keeps its elements, so that focus and selection survive an update. */
export function createCard({
  t,
  language,
  act,
}: {
  t: Translate;
  language: string;
  act: (action: Action) => void;
}): Card {
  const template = document.getElementById('service-card') as HTMLTemplateElement;
  const element = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
  const field = (name: string) => part(element, `[data-field="${name}"]`);
  const button = (action: Action) => part(element, `[data-action="${action}"]`);
  const confirm = field('confirm');
  let view: CardView | null = null;
  let busy: Action | null = null;

  for (const action of actions) {
    button(action).addEventListener('click', () => {
      if (isDisabled(button(action))) return;
      if (action === 'stop' && view?.self) ask(true);
      else act(action);
    });
  }
  part(confirm, '[data-confirm="yes"]').addEventListener('click', () => {
    ask(false);
    act('stop');
  });
  part(confirm, '[data-confirm="no"]').addEventListener('click', () => ask(false));
  confirm.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') ask(false);
  });

  function ask(open: boolean): void {
    confirm.hidden = !open;
    field('actions').hidden = open;
    if (open) part(confirm, '[data-confirm="no"]').focus();
    else button('stop').focus();
  }

  function showButtons(): void {
    if (!view) return;
    const { service, mayAct } = view;
    const sensible = sensibleActions(service);
    const hidden = !Object.values(sensible).includes(true);
    if (confirm.hidden) field('actions').hidden = hidden;
    for (const action of actions) {
      const each = button(action);
      setText(each, t(busy === action ? `busy.${action}` : `action.${action}`));
      each.setAttribute(
        'aria-label',
        t('action.of', { action: each.textContent ?? '', name: service.displayName }),
      );
      each.classList.toggle('busy', busy === action);
      setDisabled(each, busy !== null || !mayAct || !sensible[action]);
    }
  }

  function showRow(name: string, content: string | Node | null): void {
    const row = part(element, `[data-row="${name}"]`);
    row.hidden = content === null;
    const place = field(name);
    if (typeof content === 'string') setText(place, content);
    else if (content) replaceMoment(place, content);
  }

  function showFacts({ service }: CardView): void {
    const { processId, since, attempts, maxAttempts, latencyMs, nextAction, nextActionAt, address } = service;
    const external = service.mode === 'external';
    const idle = external || service.state === 'Skipped';
    const ended = service.exitCode === null ? '' : ` (${t('exit.code', { code: service.exitCode })})`;
    showRow('desired', external ? null : t(`desired.${service.desired}`));
    showRow('observed', t(`state.${service.state}`) + ended);
    showRow('process', idle ? null : processId === null ? '–' : String(processId));
    showRow('since', idle ? null : since === null ? '–' : moment(since, language));
    showRow('attempts', idle ? null : t('attempts.of', { attempts, max: maxAttempts }));
    showRow('latency', latencyMs === null ? null : milliseconds(latencyMs, language));
    showRow('next', nextAction === null ? null : nextStep(nextAction, nextActionAt));
    showRow('address', address === null ? null : addressLink(address));
  }

  function nextStep(action: string, at: string | null): Node {
    const word = action === 'restart' ? t('next.restart') : action;
    return make('span', {}, word, ...(at === null ? [] : [' ', moment(at, language, { due: true })]));
  }

  function showWords({ service, incidents, self }: CardView): void {
    const stopping = service.state === 'Stopping';
    const tone = stopping ? 'busy' : toneOf(service);
    element.dataset['tone'] = tone;
    // The words for scripts and tests, whatever the language of the page.
    element.dataset['service'] = service.id;
    element.dataset['health'] = service.health;
    setLamp(part(element, '.lamp'), tone, tone);
    setText(field('name'), service.displayName);
    setText(field('word'), t(stopping ? 'health.stopping' : `health.${service.health}`));
    setText(field('reason'), service.reason);
    showBadges(field('badges'), service, self);
    const failure = lastFailure(service, incidents);
    field('failure').hidden = failure === null;
    if (failure) {
      const when = moment(failure.openedAt, language);
      replaceMoment(field('failure'), make('span', {}, t('field.failure'), ' (', when, '): ', failure.cause));
    }
    const warnings = field('warnings');
    warnings.hidden = service.warnings.length === 0;
    if (warnings.textContent !== service.warnings.join('')) {
      warnings.replaceChildren(...service.warnings.map((text) => make('li', {}, text)));
    }
  }

  function showBadges(place: HTMLElement, { mode }: ServiceStatus, self: boolean): void {
    const badges: HTMLElement[] = [];
    if (mode === 'demo')
      badges.push(make('span', { class: 'badge', title: t('badge.demoHint') }, t('badge.demo')));
    if (mode === 'external') {
      badges.push(make('span', { class: 'badge', title: t('badge.externalHint') }, t('badge.external')));
    }
    if (self) badges.push(make('span', { class: 'badge' }, t('badge.self')));
    if (place.childElementCount !== badges.length) place.replaceChildren(...badges);
  }

  return {
    element,
    show(next) {
      view = next;
      showWords(next);
      showFacts(next);
      showButtons();
    },
    setBusy(action) {
      busy = action;
      element.setAttribute('aria-busy', String(action !== null));
      showButtons();
    },
    setFault(fault) {
      const dismiss = () => {
        this.setFault(null);
        // The button that had the focus is gone.
        element.focus();
      };
      const place = field('fault');
      place.hidden = fault === null;
      place.replaceChildren(...(fault ? [faultView(fault, t, dismiss)] : []));
    },
    setNote(text) {
      setText(field('note'), text);
      field('note').hidden = text === '';
    },
  };
}

function addressLink(address: string): Node {
  if (isElsewhere(address)) return make('span', {}, address);
  return make(
    'a',
    { href: address, target: '_blank', rel: 'noreferrer' },
    address.replace(/^https?:\/\//, ''),
  );
}

function replaceMoment(place: HTMLElement, content: Node): void {
  const now = place.firstElementChild?.outerHTML;
  if (content instanceof Element && content.outerHTML !== now) place.replaceChildren(content);
}
