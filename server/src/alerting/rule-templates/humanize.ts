import { digits } from '../../lib/go-template/printf.ts';

/** Numbers as people read them: https://prometheus.io/docs/prometheus/latest/configuration/template_reference/#numbers */

const LARGE = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'] as const;
const SMALL = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y'] as const;
const BINARY = ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'] as const;

const figure = (value: number) => digits('g', value, 4);

/** With a metric prefix: `1.235k`, `20m`. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return figure(value);
  return Math.abs(value) >= 1 ? scaledDown(value, 1000, LARGE) : scaledUp(value);
}

/** With a binary prefix: `1.5Mi`. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return figure(value);
  return scaledDown(value, 1024, BINARY);
}

function scaledDown(value: number, base: number, prefixes: readonly string[]): string {
  let rest = value;
  let prefix = '';
  for (const next of prefixes) {
    if (Math.abs(rest) < base) break;
    prefix = next;
    rest /= base;
  }
  return figure(rest) + prefix;
}

function scaledUp(value: number): string {
  let rest = value;
  let prefix = '';
  for (const next of SMALL) {
    if (Math.abs(rest) >= 1) break;
    prefix = next;
    rest *= 1000;
  }
  return figure(rest) + prefix;
}

/** Seconds as `1d 2h 3m 4s`, below a second with a metric prefix. */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return figure(seconds);
  if (seconds === 0) return `${figure(seconds)}s`;
  if (Math.abs(seconds) < 1) return `${scaledUp(seconds)}s`;
  const sign = seconds < 0 ? '-' : '';
  const size = Math.abs(seconds);
  const whole = Math.trunc(size);
  const parts = {
    days: Math.floor(whole / 86_400),
    hours: Math.floor(whole / 3600) % 24,
    minutes: Math.floor(whole / 60) % 60,
    seconds: whole % 60,
  };
  if (parts.days > 0) return `${sign}${parts.days}d ${parts.hours}h ${parts.minutes}m ${parts.seconds}s`;
  if (parts.hours > 0) return `${sign}${parts.hours}h ${parts.minutes}m ${parts.seconds}s`;
  if (parts.minutes > 0) return `${sign}${parts.minutes}m ${parts.seconds}s`;
  return `${sign}${figure(size)}s`;
}

export function humanizePercentage(ratio: number): string {
  return `${figure(ratio * 100)}%`;
}

/** Unix seconds as `2015-11-06 15:18:34.5 +0000 UTC`. */
export function humanizeTimestamp(seconds: number): string {
  if (!Number.isFinite(seconds)) return figure(seconds);
  return goTime(seconds) ?? figure(seconds);
}

/** A time as Go prints it; `undefined` where it is out of the range of dates. */
export function goTime(seconds: number): string | undefined {
  const milliseconds = Math.floor(seconds * 1000);
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return undefined;
  const iso = date.toISOString();
  const fraction = iso.slice(19, 23).replace(/0+$/, '');
  const day = iso.slice(0, 10);
  return `${day} ${iso.slice(11, 19)}${fraction === '.' ? '' : fraction} +0000 UTC`;
}
