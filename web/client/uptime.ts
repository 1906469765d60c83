import type { Span, UptimeReport } from '../../core/contract/history.ts';
import { get } from './api.ts';
import type { Words } from './frame.ts';

const svg = 'http://www.w3.org/2000/svg';
const height = 24;
const pitch = 6;

/** Asks for the uptime now, and every minute while the page is visible. The answer asks anew at once. */
export function followUptime({
  span,
  show,
}: {
  span: () => Span;
  show: (report: UptimeReport) => void;
}): () => void {
  const ask = async () => {
    if (document.hidden) return;
    const answer = await get<UptimeReport>(`/api/history?span=${span()}`);
    if (answer) show(answer);
  };
  setInterval(ask, 60_000);
  document.addEventListener('visibilitychange', ask);
  void ask();
  return () => void ask();
}

/**
 * A bar per part of the span. Its height is the share of health, so that the state shows without colour too; a dot
 * stands where nobody looked.
 */
export function uptimeBars(
  { bars, ratio }: UptimeReport['services'][number],
  span: Span,
  { t, language }: Words,
): HTMLElement {
  const share = ratio === null ? null : percent(ratio, language);
  const label =
    share === null ? t('uptime.none') : t('uptime.label', { percent: share, span: t(`span.${span}`) });
  const picture = document.createElementNS(svg, 'svg');
  picture.setAttribute('viewBox', `0 0 ${bars.length * pitch} ${height}`);
  picture.setAttribute('preserveAspectRatio', 'none');
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', label);
  picture.append(...bars.flatMap((each, index) => bar(each, index * pitch)));
  const element = document.createElement('figure');
  element.className = 'bars';
  element.append(
    picture,
    caption(share === null ? label : t('uptime.short', { percent: share, span: t(`span.${span}`) })),
  );
  return element;
}

function bar(ratio: number | null, x: number): SVGElement[] {
  if (ratio === null) return [rect(x, height - 2, 2, 'none')];
  const good = Math.round(ratio * height);
  const parts = [rect(x, height - good, good, 'ok')];
  if (good < height) parts.unshift(rect(x, 0, height - good, 'bad'));
  return parts;
}

function rect(x: number, y: number, tall: number, kind: string): SVGElement {
  const element = document.createElementNS(svg, 'rect');
  const place = { x, y, width: pitch - 2, height: tall, class: kind };
  for (const [name, value] of Object.entries(place)) element.setAttribute(name, String(value));
  return element;
}

function caption(text: string): HTMLElement {
  const element = document.createElement('figcaption');
  element.textContent = text;
  return element;
}

/** `99.98 %`; never rounded up to a hundred. */
export function percent(ratio: number, language: string): string {
  const whole = Math.floor(ratio * 10_000) / 10_000;
  return new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 }).format(whole);
}
