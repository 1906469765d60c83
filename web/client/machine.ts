import type { ComfyStatus } from '../../core/contract/comfy.ts';
import type { HostFacts } from '../../core/contract/host.ts';
import type { SystemStatus } from '../../core/status/picture.ts';
import { byId, make } from './dom.ts';
import type { Words } from './frame.ts';
import { bytes, moment } from './time.ts';
import { percent } from './uptime.ts';

interface Gauge {
  readonly label: string;
  readonly text: string;
  /** 0 to 1; null for a figure without a bar. */
  readonly share: number | null;
  readonly alarm?: string | null;
}

export interface Machine {
  showStatus(status: SystemStatus): void;
  showHost(facts: HostFacts): void;
  showComfy(comfy: ComfyStatus): void;
}

/** Processor, memory, GPU, queue, disks, and warnings that belong to no service. */
export function createMachine({ t, language }: Words): Machine {
  let status: SystemStatus | null = null;
  let host: HostFacts | null = null;
  let comfy: ComfyStatus | null = null;
  let shown = '';

  const used = (usedBytes: number, totalBytes: number) =>
    t('machine.memoryUsed', { used: bytes(usedBytes, language), total: bytes(totalBytes, language) });

  function cpuGauge({ cpu }: HostFacts): Gauge[] {
    if (cpu.usedPercent === null) return [];
    const share = cpu.usedPercent / 100;
    const text = t('machine.cpuUsed', {
      percent: percent(Math.round(share * 100) / 100, language),
      count: cpu.count,
    });
    return [{ label: t('machine.cpu'), text, share }];
  }

  /** The panel's own figure is fresh; whether it is too high is the guardian's word. */
  function memoryGauge(): Gauge[] {
    const memory = host?.memory ?? status?.memory;
    if (!memory) return [];
    const { totalBytes, availableBytes } = memory;
    const share = 1 - availableBytes / totalBytes;
    const alarm = status?.memory?.high ? t('machine.high') : null;
    return [
      { label: t('machine.memory'), text: used(totalBytes - availableBytes, totalBytes), share, alarm },
    ];
  }

  function comfyGauges({ reachable, devices, queue }: ComfyStatus): Gauge[] {
    if (!reachable) return [];
    const gpus = devices.filter(({ type }) => type !== 'cpu');
    const rows: Gauge[] = gpus.map(({ name, vramTotalBytes: all, vramFreeBytes: free }) => ({
      label: `${t('machine.vram')} ${shortName(name)}`,
      text: used(all - free, all),
      share: all > 0 ? 1 - free / all : 0,
    }));
    if (queue)
      rows.push({ label: t('machine.queue'), text: t('machine.queueText', { ...queue }), share: null });
    return rows;
  }

  function diskGauges({ disks }: SystemStatus): Gauge[] {
    return disks.map(({ path, freeBytes, totalBytes, low }) => ({
      label: `${t('machine.disk')} ${path}`,
      text: t('machine.diskFree', { free: bytes(freeBytes, language), total: bytes(totalBytes, language) }),
      share: totalBytes > 0 ? 1 - freeBytes / totalBytes : 0,
      alarm: low ? t('machine.low') : null,
    }));
  }

  function refresh(): void {
    const rows = [
      ...(host ? cpuGauge(host) : []),
      ...memoryGauge(),
      ...(comfy ? comfyGauges(comfy) : []),
      ...(status ? diskGauges(status) : []),
    ];
    const next = JSON.stringify(rows);
    if (next === shown) return;
    shown = next;
    byId('machine').replaceChildren(...rows.map(gauge));
    const empty = byId('machine-empty');
    empty.textContent = t('machine.unknown');
    empty.hidden = rows.length > 0;
  }

  function showNotes({ guardian, disks, warnings }: SystemStatus): void {
    const measuredAt = guardian.alive || disks.length === 0 ? null : guardian.at;
    const aged = byId('machine-aged');
    aged.hidden = measuredAt === null;
    if (measuredAt !== null && aged.dataset['at'] !== measuredAt) {
      aged.dataset['at'] = measuredAt;
      aged.replaceChildren(t('machine.aged'), ' ', moment(measuredAt, language));
    }
    byId('warnings').hidden = warnings.length === 0;
    const list = byId('warning-list');
    if (list.textContent !== warnings.join(''))
      list.replaceChildren(...warnings.map((text) => make('li', {}, text)));
  }

  function showFacts(): void {
    if (!host) return;
    const { system, name, cpu, uptimeSeconds, versions } = host;
    const programs = [`Orchestrator ${versions.orchestrator}`, `Node.js ${versions.node.replace('v', '')}`];
    if (comfy?.version) programs.push(`ComfyUI ${comfy.version}`);
    if (comfy?.pytorch) programs.push(`PyTorch ${comfy.pytorch}`);
    const started = new Date(Date.parse(host.at) - uptimeSeconds * 1000).toISOString();
    const rows = [
      [t('machine.system'), `${name}, ${system}, ${cpu.model}`],
      [t('machine.started'), moment(started, language)],
      [t('machine.versions'), programs.join(', ')],
    ] as const;
    const place = byId('host-facts');
    place.hidden = false;
    const mark = JSON.stringify([programs, name]);
    if (place.dataset['mark'] === mark) return;
    place.dataset['mark'] = mark;
    place.replaceChildren(
      ...rows.map(([label, text]) => make('div', {}, make('dt', {}, label), make('dd', {}, text))),
    );
  }

  return {
    showStatus(next) {
      status = next;
      refresh();
      showNotes(next);
    },
    showHost(next) {
      host = next;
      refresh();
      showFacts();
    },
    showComfy(next) {
      comfy = next;
      refresh();
      showFacts();
      const onCpu = next.reachable && next.devices.every(({ type }) => type === 'cpu');
      const note = byId('machine-note');
      note.hidden = next.reachable && !onCpu;
      note.textContent = t(onCpu ? 'machine.onCpu' : 'machine.gpuUnknown');
    },
  };
}

function gauge({ label, text, share, alarm = null }: Gauge): HTMLElement {
  const row = make(
    'div',
    { class: 'gauge', 'data-alarm': alarm === null ? null : '' },
    make('dt', {}, label),
    make('dd', {}, text, alarm === null ? null : make('b', { class: 'alarm' }, ` ${alarm}`)),
  );
  if (share !== null) {
    const fill = make('span', { class: 'fill' });
    // Set through the object model: the content security policy forbids style attributes.
    fill.style.inlineSize = `${Math.min(100, Math.max(0, share * 100)).toFixed(1)}%`;
    row.append(make('div', { class: 'bar', 'aria-hidden': 'true' }, fill));
  }
  return row;
}

/** `cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync` → `NVIDIA GeForce RTX 4090`. */
function shortName(name: string): string {
  return name.replace(/^\w+:\d+ /, '').replace(/ :.*$/, '');
}
