import {
  formatBytes,
  formatBytesPerSecond,
  formatCount,
  formatMilliseconds,
  formatPercent,
  formatPerSecond,
  formatRatio,
} from './number.ts';

type Formatter = (value: number) => string;

/** How values of a metric are shown, by the unit at the end of its name (or the name of its unit). */
export function formatterFor(name: string, rate = false): Formatter {
  const base = name.replace(/_total$/, '');
  if (/_percent$/.test(base)) return formatPercent;
  if (/_ratio$/.test(base)) return formatRatio;
  if (/bytes_per_second$/.test(base)) return formatBytesPerSecond;
  if (/_per_second$/.test(base)) return formatPerSecond;
  if (/(_|^)bytes$/.test(base)) return rate ? formatBytesPerSecond : formatBytes;
  if (/(_|^)(milliseconds|ms)$/.test(base)) return formatMilliseconds;
  if (/_seconds$/.test(base) && !/_time_seconds$/.test(base)) return rate ? formatCount : formatSecondsValue;
  return rate ? formatPerSecond : formatCount;
}

function formatSecondsValue(value: number): string {
  return formatMilliseconds(value * 1000);
}
