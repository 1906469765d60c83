import type { ServiceStatus } from '../../core/contract/cmdlets.ts';
import type { LatencyReport, Span } from '../../core/contract/history.ts';
import { get } from './api.ts';
import { byId, make } from './dom.ts';
import type { Words } from './frame.ts';
import { milliseconds } from './time.ts';

interface Place {
  readonly name: string;
  readonly figure: HTMLElement;
  seen: boolean;
}

/** A chart for each service that answers over http; its data and the chart library come when it comes into view. */
export function createLatency({ t, language, span }: Words & { span: () => Span }): {
  show(services: readonly ServiceStatus[]): void;
  refresh(): void;
} {
  const places = new Map<string, Place>();
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const id = (target as HTMLElement).dataset['id'] ?? '';
      const place = places.get(id);
      if (!isIntersecting || !place || place.seen) continue;
      place.seen = true;
      void draw(id, place);
    }
  });

  async function draw(id: string, { name, figure }: Place): Promise<void> {
    const say = (text: string) => figure.replaceChildren(caption(name), make('p', { class: 'empty' }, text));
    if (!figure.querySelector('.uplot')) say(t('latency.loading'));
    const [report, chart] = await Promise.all([
      get<LatencyReport>(`/api/history/${id}?span=${span()}`),
      import('./chart.ts').catch(() => null),
    ]);
    if (!report || !chart) return say(t('latency.failed'));
    const measured = report.points.filter(({ meanMs }) => meanMs !== null);
    if (measured.length === 0) return say(t('latency.none'));
    const show = (ms: number) => milliseconds(ms, language);
    const mean = measured.reduce((sum, { meanMs }) => sum + (meanMs ?? 0), 0) / measured.length;
    const most = Math.max(...measured.map(({ maxMs }) => maxMs ?? 0));
    const summary = t('latency.summary', { name, mean: show(mean), most: show(most) });
    const box = make('div', { class: 'chart', role: 'img', 'aria-label': summary });
    figure.replaceChildren(
      caption(name, `${t('latency.mean')} ${show(mean)}, ${t('latency.most')} ${show(most)}`),
      box,
    );
    chart.drawLatency({
      box,
      report,
      language,
      labels: { mean: t('latency.mean'), most: t('latency.most') },
    });
  }

  function caption(name: string, figures = ''): HTMLElement {
    return make('figcaption', {}, make('b', {}, name), ' ', figures);
  }

  function refresh(): void {
    for (const [id, place] of places) if (place.seen) void draw(id, place);
  }

  setInterval(() => document.hidden || refresh(), 60_000);

  return {
    refresh,
    show(services) {
      for (const { id, displayName, address } of services) {
        if (address === null || places.has(id)) continue;
        const figure = make('figure', { 'data-id': id }, caption(displayName));
        places.set(id, { name: displayName, figure, seen: false });
        byId('charts').append(figure);
        watcher.observe(figure);
      }
    },
  };
}
