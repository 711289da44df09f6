/** Larger differences, relative to the larger value, are told. */
const TOLERANCE = 1e-9;

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

interface Body {
  readonly data: readonly unknown[] | { readonly result: readonly Series[] };
}

/** In words, where two answers of Prometheus' HTTP API differ first; undefined where they agree. */
export function differenceOf(ours: Buffer, theirs: Buffer): string | undefined {
  const mine = (JSON.parse(ours.toString()) as Body).data;
  const other = (JSON.parse(theirs.toString()) as Body).data;
  if (!('result' in mine) || !('result' in other)) return differenceOfLists(mine, other);
  const expected = new Map(other.result.map((series) => [keyOf(series.metric), pointsOf(series)]));
  if (mine.result.length !== expected.size) return `${mine.result.length} series instead of ${expected.size}`;
  for (const series of mine.result) {
    const key = keyOf(series.metric);
    const points = expected.get(key);
    if (points === undefined) return `the series ${key} is not there`;
    const difference = differenceOfPoints(pointsOf(series), points);
    if (difference !== undefined) return `${key}: ${difference}`;
  }
  return undefined;
}

function differenceOfLists(ours: unknown, theirs: unknown): string | undefined {
  const sorted = (list: unknown) =>
    (list as unknown[]).map((item) => (typeof item === 'string' ? item : keyOf(item as Record<string, string>))).sort();
  const [mine, other] = [sorted(ours), sorted(theirs)];
  if (mine.length !== other.length) return `${mine.length} items instead of ${other.length}`;
  const at = mine.findIndex((item, index) => item !== other[index]);
  return at === -1 ? undefined : `${mine[at]} instead of ${other[at]}`;
}

function keyOf(metric: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function pointsOf({ value, values }: Series): readonly (readonly [number, string])[] {
  return values ?? (value ? [value] : []);
}

type Points = readonly (readonly [number, string])[];

function differenceOfPoints(ours: Points, theirs: Points): string | undefined {
  if (ours.length !== theirs.length) return `${ours.length} points instead of ${theirs.length}`;
  for (const [index, [time, text]] of ours.entries()) {
    const [otherTime, otherText] = theirs[index]!;
    if (time !== otherTime) return `a point at ${time} instead of ${otherTime}`;
    if (text === otherText) continue;
    const [value, other] = [Number(text), Number(otherText)];
    const relative = Math.abs(value - other) / Math.max(Math.abs(value), Math.abs(other));
    if (!(relative <= TOLERANCE)) return `${text} instead of ${otherText} at ${time}`;
  }
  return undefined;
}
