import type { Exemplar } from '../../../model/metric.ts';
import type { BlockBuilder } from './block-writer.ts';
import { Float64Column, MapColumn, MillisecondsColumn, StringColumn, UInt64Column } from './native-block.ts';
import type { SeriesEntry } from './series-index.ts';

export interface ExemplarRun {
  readonly entry: SeriesEntry;
  readonly exemplars: readonly Exemplar[];
}

/** Rows of `metric_exemplars`. */
export class ExemplarBlock implements BlockBuilder<readonly ExemplarRun[]> {
  readonly columns = {
    metric: new StringColumn(),
    series: new UInt64Column(),
    timestamp: new MillisecondsColumn(),
    value: new Float64Column(),
    trace_id: new StringColumn(),
    span_id: new StringColumn(),
    labels: new MapColumn(),
  };

  append(runs: readonly ExemplarRun[]): number {
    const { columns } = this;
    let rows = 0;
    for (const { entry, exemplars } of runs) {
      for (const { timestamp, value, labels } of exemplars) {
        const { trace_id: traceId = '', span_id: spanId = '', ...rest } = labels;
        columns.metric.append(entry.name);
        columns.series.append(entry.id);
        columns.timestamp.append(timestamp);
        columns.value.append(value);
        columns.trace_id.append(traceId);
        columns.span_id.append(spanId);
        columns.labels.append(rest);
      }
      rows += exemplars.length;
    }
    return rows;
  }
}
