import { floatText } from '../../lib/float-text.ts';
import { ServiceError } from '../../model/errors.ts';
import type { Labels } from '../../model/labels.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import { staleMarkerColumn } from '../../model/stale-marker.ts';
import { type RejectionReason, RejectionTally } from '../../pipeline/index.ts';
import { classicBuckets } from './classic-buckets.ts';
import type { Identity } from './identity.ts';
import type { Description } from './metadata-cache.ts';
import type { NativeHistogram } from './native-histogram.ts';
import type { SampleColumns } from './sample-columns.ts';

/** Two bytes of a request can be a sample of sixteen, or a series of hundreds: its length does not bound the memory. */
const MOST_SERIES = 500_000;
const MOST_SAMPLES = 2_000_000;

/** What is sent of one kind, and how much of it is written. */
export interface Written {
  readonly samples: number;
  readonly histograms: number;
}

/** What a request becomes. */
export class WriteBatch {
  readonly series: SeriesSamples[] = [];
  /** What is refused for what it is; exemplars, which the store does not keep, are counted apart. */
  readonly refused = new RejectionTally();
  exemplars = 0;
  #samples = 0;
  #histograms = 0;
  #stored = 0;
  /** For each series the number of the native histogram that it comes from; 0 for plain samples. */
  readonly #histogramOf: number[] = [];

  /** Adds the samples and histograms of one series; `identity` is `undefined` where its labels cannot be taken. */
  add(
    identity: Identity | undefined,
    description: Description,
    samples: SampleColumns,
    histograms: readonly NativeHistogram[],
  ): void {
    if (!identity) {
      this.refused.add('invalid_labels', samples.length + histograms.length);
      samples.take();
      return;
    }
    this.#spend(samples.length);
    if (samples.length > 0) {
      this.#samples += samples.length;
      this.#push(identity.name, identity.labels, description, samples.take(), 0);
    }
    for (const histogram of histograms) this.#addHistogram(identity, description, histogram);
  }

  #addHistogram(identity: Identity, description: Description, histogram: NativeHistogram): void {
    const { name, labels } = identity;
    const buckets = histogram.stale ? [] : classicBuckets(histogram);
    if (!buckets) {
      this.refused.add('invalid_histogram');
      return;
    }
    const number = ++this.#histograms;
    const about: Description = { ...description, type: histogram.gauge ? 'gaugehistogram' : 'histogram' };
    const timestamps = [histogram.timestamp];
    const put = (suffix: string, of: Labels, value: number) => {
      this.#spend(1);
      const values = histogram.stale ? staleMarkerColumn() : [value];
      this.#push(name + suffix, of, about, { timestamps, values }, number);
    };
    for (const { bound, count } of buckets) put('_bucket', { ...labels, le: floatText(bound) }, count);
    put('_bucket', { ...labels, le: '+Inf' }, histogram.count);
    put('_sum', labels, histogram.sum);
    put('_count', labels, histogram.count);
  }

  #push(
    name: string,
    labels: Labels,
    { type, unit, help }: Description,
    { timestamps, values }: Pick<SeriesSamples, 'timestamps' | 'values'>,
    histogram: number,
  ): void {
    this.series.push({ name, labels, type, unit, help, timestamps, values });
    this.#histogramOf.push(histogram);
  }

  #spend(samples: number): void {
    this.#stored += samples;
    if (this.#stored <= MOST_SAMPLES && this.series.length < MOST_SERIES) return;
    throw new ServiceError(
      'too_large',
      `the request holds more than ${MOST_SAMPLES} samples or ${MOST_SERIES} series; send smaller batches`,
    );
  }

  /** Counts what the pipeline refuses, in the sender's units: a histogram of twenty series is one. */
  counter(): { onRefused(index: number, reason: RejectionReason): void; written(): Written } {
    let { samples, histograms } = { samples: this.#samples, histograms: this.#histograms };
    let last = 0;
    return {
      onRefused: (index, reason) => {
        const histogram = this.#histogramOf[index]!;
        if (histogram === 0) {
          const count = this.series[index]!.timestamps.length;
          samples -= count;
          this.refused.add(reason, count);
        } else if (histogram !== last) {
          last = histogram;
          histograms--;
          this.refused.add(reason);
        }
      },
      written: () => ({ samples, histograms }),
    };
  }
}
