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

/** A moment whose distance from now is kept up to date by the ticker. */
export function moment(iso: string, language: string): HTMLTimeElement {
  const element = document.createElement('time');
  element.dateTime = iso;
  element.title = new Date(iso).toLocaleString(language);
  element.textContent = relative(Date.parse(iso) - Date.now(), language);
  return element;
}

export function startTicker(language: string): void {
  setInterval(() => {
    if (document.hidden) return;
    for (const element of document.querySelectorAll('time')) {
      const text = relative(Date.parse(element.dateTime) - Date.now(), language);
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
