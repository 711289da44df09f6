/** Numbers with their unit, short enough for a table cell. */

const DASH = '–';

function digits(value: number, most = 1): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: most, useGrouping: true });
}

/** Three significant figures below 100, whole numbers above. */
function significant(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 0.001) return value.toExponential(1);
  if (size < 0.1) return digits(value, 3);
  if (size < 10) return digits(value, 2);
  return size < 100 ? digits(value, 1) : digits(value, 0);
}

/** `1.2k`, `3.4M`; decimal. */
export function formatCount(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  const size = Math.abs(value);
  if (size >= 1e9) return `${digits(value / 1e9)}G`;
  if (size >= 1e6) return `${digits(value / 1e6)}M`;
  if (size >= 1e4) return `${digits(value / 1e3)}k`;
  return significant(value);
}

/** A percentage of 0-100. */
export function formatPercent(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  const size = Math.abs(value);
  return `${digits(value, size < 1 ? 2 : size < 100 ? 1 : 0)} %`;
}

/** A ratio of 0-1, shown as a percentage. */
export function formatRatio(value: number | null | undefined): string {
  return formatPercent(value === null || value === undefined ? value : value * 100);
}

/** Binary units: `1.5 GiB`. */
export function formatBytes(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10)));
  const scaled = value / 1024 ** power;
  return `${digits(scaled, scaled >= 100 || power === 0 ? 0 : 1)} ${units[power]}`;
}

export function formatBytesPerSecond(value: number | null | undefined): string {
  const text = formatBytes(value);
  return text === DASH ? text : `${text}/s`;
}

export function formatPerSecond(value: number | null | undefined): string {
  const text = formatCount(value);
  return text === DASH ? text : `${text}/s`;
}

/** Milliseconds as the unit that reads best: `850 µs`, `12.4 ms`, `1.2 s`, `3m 20s`. */
export function formatMilliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  const size = Math.abs(value);
  if (size === 0) return '0 ms';
  if (size < 1) return `${digits(value * 1000, 0)} µs`;
  if (size < 1000) return `${digits(value, size < 10 ? 2 : size < 100 ? 1 : 0)} ms`;
  if (size < 60_000) return `${digits(value / 1000, 2)} s`;
  return formatSeconds(value / 1000);
}

/** A length of time in its two largest units: `3m 20s`, `2d 4h`. */
export function formatSeconds(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return DASH;
  const seconds = Math.round(value);
  if (seconds < 60) return `${seconds}s`;
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ');
}

/** A bare value of unknown unit. */
export function formatValue(value: number | null | undefined): string {
  return formatCount(value);
}
