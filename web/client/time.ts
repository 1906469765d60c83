const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** `4 minutes ago`, `in 12 seconds`; `ms` is the distance from now, negative in the past. */
export function relative(ms: number, language: string): string {
  const seconds = Math.round(ms / 1000);
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(seconds, 'second');
}

export function clockTime(at: Date, language: string): string {
  return at.toLocaleTimeString(language);
}

/**
 * A moment whose distance from now is kept up to date by the ticker. A `due` one never reads as past: what is late
 * happens any moment now.
 */
export function moment(iso: string, language: string, { due = false } = {}): HTMLTimeElement {
  const element = document.createElement('time');
  element.dateTime = iso;
  if (due) element.dataset['due'] = '';
  element.title = new Date(iso).toLocaleString(language);
  element.textContent = distance(element, language);
  return element;
}

function distance({ dateTime, dataset }: HTMLTimeElement, language: string): string {
  const ms = Date.parse(dateTime) - Date.now();
  return relative(dataset['due'] === undefined ? ms : Math.max(0, ms), language);
}

/** `1.4 ms` in the reader's language. */
export function milliseconds(count: number, language: string): string {
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: 'millisecond',
    maximumFractionDigits: count < 10 ? 1 : 0,
  }).format(count);
}

export function startTicker(language: string): void {
  setInterval(() => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll('time')) {
      const text = distance(element, language);
      if (element.textContent !== text) element.textContent = text;
    }
  }, 1000);
}

/** `12.4 GB` in the reader's language; disks and memory count in steps of 1024. */
export function bytes(count: number, language: string): string {
  const gigabytes = count / 2 ** 30;
  const large = gigabytes >= 1024;
  const value = large ? gigabytes / 1024 : gigabytes;
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: large ? 'terabyte' : 'gigabyte',
    unitDisplay: 'short',
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}

/** `1 min 12 s`, `3 h 4 min`: how long something took, in the two largest units. */
export function duration(ms: number, language: string): string {
  let seconds = Math.max(0, Math.round(ms / 1000));
  const parts: string[] = [];
  for (const [unit, size] of [...steps, ['second', 1] as const]) {
    const count = Math.floor(seconds / size);
    seconds %= size;
    if (count === 0 && (parts.length > 0 || unit !== 'second')) continue;
    parts.push(new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(count));
  }
  return parts.slice(0, 2).join(' ');
}
