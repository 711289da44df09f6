import type { SeriesSamples } from '../model/metric.ts';
import type { Stage } from './stage.ts';
import { truncate } from './truncate.ts';

/** Refuses series with too many or too long labels; cuts the description. */
export const limitSeries: Stage<SeriesSamples> = ({ limits, onTruncated }) => {
  return (series) => {
    const { memo } = series;
    if (memo?.limits === limits && series.help.length <= limits.nameLength) return series;
    if (series.name.length > limits.labelNameLength) return 'label_too_long';
    let count = 0;
    for (const name in series.labels) {
      if (++count > limits.labelCount) return 'too_many_labels';
      if (name.length > limits.labelNameLength) return 'label_too_long';
      if (series.labels[name]!.length > limits.labelValueLength) return 'label_too_long';
    }
    if (memo) memo.limits = limits;
    if (series.help.length <= limits.nameLength) return series;
    return { ...series, help: truncate(series.help, limits.nameLength, onTruncated) };
  };
};
