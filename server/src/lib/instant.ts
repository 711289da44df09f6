import { parseDuration } from './duration.ts';

const RELATIVE = /^now(?:([+-])(.+))?$/;
const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;
/** The last millisecond that RFC 3339 can write. */
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Unix milliseconds of a time as the API takes it: RFC 3339, Unix seconds (fraction allowed) or relative (`now-15m`).
 * `undefined` where the text is none of these, names a day that does not exist, or lies before 1970 or after 9999.
 */
export function parseInstant(text: string, now: number): number | undefined {
  const milliseconds = parseAny(text, now);
  return milliseconds !== undefined && milliseconds >= 0 && milliseconds <= LATEST ? milliseconds : undefined;
}

function parseAny(text: string, now: number): number | undefined {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  const relative = RELATIVE.exec(text);
  if (relative) {
    if (relative[2] === undefined) return now;
    const offset = parseDuration(relative[2]);
    if (offset === undefined) return undefined;
    return relative[1] === '-' ? now - offset : now + offset;
  }
  const date = RFC3339.exec(text);
  // `Date.parse` takes the 30th of February for the 2nd of March.
  if (!date || Number(date[3]) > new Date(Date.UTC(Number(date[1]), Number(date[2]), 0)).getUTCDate()) return undefined;
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? undefined : parsed;
}

/** RFC 3339 in UTC with milliseconds, the API's form of a time. */
export function formatInstant(unixMilliseconds: number): string {
  return new Date(unixMilliseconds).toISOString();
}
