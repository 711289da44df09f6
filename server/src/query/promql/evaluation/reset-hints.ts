import type { NativeHistogram } from '../../../model/native-histogram.ts';
import { wasReset } from '../histogram/resets.ts';
import type { SourceSeries } from '../series-source.ts';
import type { Expression, VectorSelector } from '../syntax/expression.ts';
import { childrenOf } from '../syntax/selectors-of.ts';

const TOTALS: ReadonlySet<string> = new Set(['histogram_count', 'histogram_sum', 'histogram_avg']);
const WHOLE: ReadonlySet<string> = new Set(['histogram_quantile', 'histogram_quantiles', 'histogram_fraction']);

/**
 * Selectors of which a query wants counts and sums only. There Prometheus finds out the resets while it reads, so that
 * sums of histograms with and without a reset are warned of; elsewhere it leaves the hints as they are stored.
 */
export function selectorsOfTotals(expression: Expression): Set<VectorSelector> {
  const found = new Set<VectorSelector>();
  const open: { readonly node: Expression; readonly inTotals: boolean }[] = [{ node: expression, inTotals: false }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, inTotals } = next;
    if (node.kind === 'vector-selector' && inTotals) found.add(node);
    if (node.kind === 'subquery') continue;
    const inside = node.kind === 'call' ? isInTotals(node.name, inTotals) : inTotals && node.kind !== 'binary';
    for (const child of childrenOf(node)) open.push({ node: child, inTotals: inside });
  }
  return found;
}

function isInTotals(name: string, outside: boolean): boolean {
  return TOTALS.has(name) || (outside && !WHOLE.has(name));
}

/** The series with what is known of each histogram's reset after the one before it. */
export function withResetHints(series: SourceSeries): SourceSeries {
  if (!series.histograms) return series;
  let previous: NativeHistogram | undefined;
  const histograms = series.histograms.map((histogram) => {
    if (!histogram) return undefined;
    const before = previous;
    previous = histogram;
    if (histogram.hint !== 'unknown' || !before) return histogram;
    return { ...histogram, hint: wasReset(histogram, before) ? ('reset' as const) : ('not_reset' as const) };
  });
  return { ...series, histograms };
}
