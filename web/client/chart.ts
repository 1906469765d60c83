import uPlot from 'uplot';
import type { LatencyReport } from '../../core/contract/history.ts';
import { milliseconds } from './time.ts';

const height = 150;

/** Mean and slowest answer over time. Parts without a measurement are gaps. */
export function drawLatency({
  box,
  report: { points, from, until },
  language,
  labels,
}: {
  box: HTMLElement;
  report: LatencyReport;
  language: string;
  labels: { readonly mean: string; readonly most: string };
}): void {
  const style = getComputedStyle(box);
  const colour = (name: string) => resolve(box, style.getPropertyValue(name));
  const show = (ms: number) => milliseconds(ms, language);
  const day = until - from > 36 * 3_600_000;
  const clock = new Intl.DateTimeFormat(
    language,
    day ? { day: 'numeric', month: 'short' } : { timeStyle: 'short' },
  );
  const axis = {
    stroke: colour('--ink-soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const chart = new uPlot(
    {
      width: box.clientWidth,
      height,
      cursor: { drag: { setScale: false } },
      legend: { show: false },
      scales: {
        x: { time: true, range: () => [from / 1000, until / 1000] },
        y: { range: (_, __, max) => [0, max * 1.1 || 1] },
      },
      axes: [
        { ...axis, values: (_, ticks) => ticks.map((tick) => clock.format(tick * 1000)) },
        { ...axis, size: 64, values: (_, ticks) => ticks.map(show) },
      ],
      series: [
        {},
        { label: labels.most, stroke: colour('--warn'), width: 1, dash: [4, 3] },
        { label: labels.mean, stroke: colour('--accent'), width: 2 },
      ],
    },
    [points.map(({ at }) => at / 1000), points.map(({ maxMs }) => maxMs), points.map(({ meanMs }) => meanMs)],
    box,
  );
  const tip = document.createElement('p');
  tip.className = 'chart-tip';
  box.append(tip);
  chart.over.addEventListener('mousemove', () => {
    const point = points[chart.cursor.idx ?? -1];
    const mean = point?.meanMs;
    tip.textContent =
      point && mean !== null && mean !== undefined
        ? `${new Date(point.at).toLocaleString(language, { dateStyle: 'short', timeStyle: 'short' })}: ${labels.mean} ${show(mean)}, ${labels.most} ${show(point.maxMs ?? mean)}`
        : '';
  });
  chart.over.addEventListener('mouseleave', () => {
    tip.textContent = '';
  });
  new ResizeObserver(() => {
    if (box.isConnected && box.clientWidth > 0) chart.setSize({ width: box.clientWidth, height });
  }).observe(box);
}

/** A canvas takes no `light-dark()`: the browser says which of the two it is. */
function resolve(box: HTMLElement, value: string): string {
  const probe = document.createElement('i');
  probe.style.color = value;
  box.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
