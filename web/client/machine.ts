import type { SystemStatus } from '../../core/status/picture.ts';
import { byId, make } from './dom.ts';
import type { Translate } from './text.ts';
import { bytes, moment } from './time.ts';

/** Memory, disks, and warnings that belong to no service. */
export function createMachine({ t, language }: { t: Translate; language: string }): {
  show(status: SystemStatus): void;
} {
  let shown = '';

  function gauge(label: string, text: string, share: number, alarm: string | null): HTMLElement {
    const fill = make('span', { class: 'fill' });
    // Set through the object model: the content security policy forbids style attributes.
    fill.style.inlineSize = `${Math.min(100, Math.max(0, share * 100)).toFixed(1)}%`;
    return make(
      'div',
      { class: 'gauge', 'data-alarm': alarm === null ? null : '' },
      make('dt', {}, label),
      make('dd', {}, text, alarm === null ? null : make('b', { class: 'alarm' }, ` ${alarm}`)),
      make('div', { class: 'bar', 'aria-hidden': 'true' }, fill),
    );
  }

  function gauges({ memory, disks }: SystemStatus): HTMLElement[] {
    const rows = disks.map(({ path, freeBytes, totalBytes, low }) => {
      const text = t('machine.diskFree', {
        free: bytes(freeBytes, language),
        total: bytes(totalBytes, language),
      });
      const share = totalBytes > 0 ? 1 - freeBytes / totalBytes : 0;
      return gauge(`${t('machine.disk')} ${path}`, text, share, low ? t('machine.low') : null);
    });
    if (memory) {
      const { totalBytes, availableBytes, usedPercent, high } = memory;
      const used = bytes(totalBytes - availableBytes, language);
      const text = t('machine.memoryUsed', { used, total: bytes(totalBytes, language) });
      rows.unshift(gauge(t('machine.memory'), text, usedPercent / 100, high ? t('machine.high') : null));
    }
    return rows;
  }

  return {
    show(status) {
      const { memory, disks, warnings, guardian } = status;
      const measuredAt = guardian.alive ? null : guardian.at;
      const next = JSON.stringify([memory, disks, warnings, measuredAt]);
      if (next === shown) return;
      shown = next;
      const rows = gauges(status);
      byId('machine').replaceChildren(...rows);
      const empty = byId('machine-empty');
      empty.textContent = t('machine.unknown');
      empty.hidden = rows.length > 0;
      const aged = byId('machine-aged');
      aged.hidden = measuredAt === null || rows.length === 0;
      if (measuredAt !== null) aged.replaceChildren(t('machine.aged'), ' ', moment(measuredAt, language));
      byId('warnings').hidden = warnings.length === 0;
      byId('warning-list').replaceChildren(...warnings.map((text) => make('li', {}, text)));
    },
  };
}
