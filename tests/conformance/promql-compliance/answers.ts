interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly resultType: string; readonly result: readonly RangeSeries[] };
}
interface RangeSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

/** The compliance tool's. */
const TOLERANCE = 1e-5;

/** What Prometheus' range query answers at the address. */
export async function queryRange(
  address: string,
  query: string,
  range: { readonly start: number; readonly end: number; readonly step: number },
): Promise<Answer> {
  const { start, end, step } = range;
  const body = new URLSearchParams({ query, start: String(start), end: String(end), step: String(step) });
  return (await (await fetch(`${address}/api/v1/query_range`, { method: 'POST', body })).json()) as Answer;
}

/** What is different between two answers, or nothing. */
export function differenceOf(ours: Answer, theirs: Answer): string | undefined {
  if (ours.status !== theirs.status)
    return `${ours.status} (${ours.error}) instead of ${theirs.status} (${theirs.error})`;
  if (!ours.data || !theirs.data) return undefined;
  const found = byLabels(ours.data.result);
  const wanted = byLabels(theirs.data.result);
  for (const key of wanted.keys()) if (!found.has(key)) return `lacks ${key}`;
  for (const [key, series] of found) {
    const other = wanted.get(key);
    if (!other) return `has ${key} besides`;
    const difference = pointDifference(series, other);
    if (difference) return `${key}: ${difference}`;
  }
  return undefined;
}

function byLabels(series: readonly RangeSeries[]): Map<string, RangeSeries> {
  return new Map(series.map((one) => [JSON.stringify(Object.entries(one.metric).sort()), one]));
}

function pointDifference(ours: RangeSeries, theirs: RangeSeries): string | undefined {
  if (ours.values.length !== theirs.values.length) {
    return `${ours.values.length} points instead of ${theirs.values.length}`;
  }
  for (const [i, [time, text]] of ours.values.entries()) {
    const [wantedTime, wantedText] = theirs.values[i]!;
    if (time !== wantedTime) return `a point at ${time} instead of ${wantedTime}`;
    if (!isClose(text, wantedText)) return `${text} instead of ${wantedText} at ${time}`;
  }
  return undefined;
}

function isClose(ours: string, theirs: string): boolean {
  if (ours === theirs) return true;
  const [a, b] = [Number(ours), Number(theirs)];
  return Math.abs(a - b) <= TOLERANCE * Math.min(Math.abs(a), Math.abs(b));
}
