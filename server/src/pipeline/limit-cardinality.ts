import { labelsKey } from '../model/labels.ts';
import type { SeriesSamples } from '../model/metric.ts';
import type { Stage } from './stage.ts';

/** What the store knows of its series; declared here, plugged in by the composition. All three answer from memory. */
export interface KnownSeries {
  /** Series of all metrics. */
  readonly seriesCount: number;
  countOf(metric: string): number;
  isKnown(series: Pick<SeriesSamples, 'name' | 'labels' | 'memo'>): boolean;
}

/** New series of one metric, in one batch. */
interface Room {
  /** True: even if every series of the batch were new, none would be too many. */
  readonly ample: boolean;
  readonly count: number;
  /** Taken so far, by their labels: a series may come twice in a batch. */
  readonly taken: Set<string>;
}

/** The series of the service's own alerts are bounded by how many a rule may have, all alerts together being one metric. */
const ALERTS = { source: 'rules', metrics: new Set(['ALERTS', 'ALERTS_FOR_STATE']) };

/**
 * Refuses new series of a metric that has as many as it may, and of all metrics once there are as many as the service
 * may keep. Series that are known always pass; those of alerts count for the latter only. Far from the limits that is a look at the name: whether a series is
 * known is asked only where a batch could reach them.
 */
export function limitCardinality(known: KnownSeries): Stage<SeriesSamples> {
  return ({ limits, source, batchSize, explain }) => {
    const total = known.seriesCount;
    const totalIsAmple = total + batchSize <= limits.series;
    if (totalIsAmple && total + batchSize <= limits.seriesPerMetric) return (series) => series;
    const rooms = new Map<string, Room>();
    let taken = 0;
    let lastName = '';
    let last: Room | undefined;
    const roomOf = (name: string): Room => {
      let room = rooms.get(name);
      if (!room) {
        const count = known.countOf(name);
        room = { ample: totalIsAmple && count + batchSize <= limits.seriesPerMetric, count, taken: new Set() };
        rooms.set(name, room);
      }
      return room;
    };
    return (series) => {
      if (series.name !== lastName || !last) {
        lastName = series.name;
        last = roomOf(series.name);
      }
      if (last.ample || known.isKnown(series)) return series;
      const key = labelsKey(series.labels);
      if (last.taken.has(key)) return series;
      const isAlert = source === ALERTS.source && ALERTS.metrics.has(series.name);
      if (!isAlert && last.count + last.taken.size >= limits.seriesPerMetric) {
        explain(`${series.name}: the limit is ${limits.seriesPerMetric}, INGEST_MAX_SERIES_PER_METRIC`);
        return 'per_metric_series_limit';
      }
      if (total + taken >= limits.series) {
        explain(`${series.name}: the limit is ${limits.series}, INGEST_MAX_SERIES`);
        return 'series_limit';
      }
      last.taken.add(key);
      taken++;
      return series;
    };
  };
}
