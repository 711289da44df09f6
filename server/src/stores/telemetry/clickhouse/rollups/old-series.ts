import { invalid } from '../../../../model/errors.ts';
import { type Labels, METRIC_NAME } from '../../../../model/labels.ts';
import type { ClickHouse } from '../../click-house.ts';
import type { SelectOptions } from '../../metric-store.ts';
import { quoteString } from '../bind-parameters.ts';
import type { LabelPredicate } from '../label-predicate.ts';

/** What one call looks at: about 300 bytes each. */
const MOST_SERIES = 200_000;

/** A series as the table knows it, with its id as decimal text. */
export interface StoredSeries {
  readonly id: string;
  /** With `__name__`. */
  readonly labels: Labels;
  /** Its values only grow, as far as one knows: sudden falls are restarts. */
  readonly isCounter: boolean;
}

/** Series that pass all predicates and were last seen since (Unix milliseconds), also those that memory has forgotten. */
export async function readStoredSeries(
  clickHouse: ClickHouse,
  predicates: readonly LabelPredicate[],
  since: number,
  { pool, signal }: SelectOptions = {},
): Promise<StoredSeries[]> {
  const names = predicates.find(({ label, exact }) => label === METRIC_NAME && exact)?.exact;
  const conditions = [
    `last_seen >= fromUnixTimestamp64Milli(${Math.max(0, Math.floor(since))}, 'UTC')`,
    ...(names ? [`metric IN (${[...names].map(quoteString).join(', ')})`] : []),
    ...predicates.filter(isExact).map(({ label, exact }) => {
      return `labels[${quoteString(label)}] IN (${[...exact!].map(quoteString).join(', ')})`;
    }),
  ];
  const rows = await clickHouse.query<{ id: string; metric: string; type: string; labels: Labels }>(
    `SELECT toString(series) AS id, metric, type, labels FROM metric_series FINAL
     WHERE ${conditions.join(' AND ')} LIMIT ${MOST_SERIES + 1}`,
    { ...(pool && { pool }), ...(signal && { signal }) },
  );
  if (rows.length > MOST_SERIES) {
    const message = `reaches beyond the samples at more than ${MOST_SERIES} series; narrow the time window or the selector`;
    throw invalid({ path: 'query', message });
  }
  return rows
    .map(({ id, metric, type, labels }) => ({
      id,
      labels: { [METRIC_NAME]: metric, ...labels } as Labels,
      isCounter: type === 'counter' || /_(total|count|sum|bucket)$/.test(metric),
    }))
    .filter(({ labels }) => predicates.every(({ label, accepts }) => accepts(labels[label] ?? '')));
}

function isExact({ label, exact, acceptsEmpty }: LabelPredicate): boolean {
  return label !== METRIC_NAME && exact !== undefined && !acceptsEmpty;
}
