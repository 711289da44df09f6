import { ServiceError } from '../../model/errors.ts';
import type { Exemplar, HistogramSample, SeriesSamples } from '../../model/metric.ts';
import { RejectionTally, type WriteOptions } from '../../pipeline/index.ts';
import type { Identity } from './identity.ts';
import type { KnownSeries } from './identity-cache.ts';
import type { Description } from './metadata-cache.ts';
import type { SampleColumns } from './sample-columns.ts';
import { toHistogramSample } from './to-histogram.ts';
import type { WireHistogram } from './wire-histogram.ts';

/** Two bytes of a request can be a sample of sixteen, or a series of hundreds: its length does not bound the memory. */
const MOST_SERIES = 500_000;
const MOST_SAMPLES = 2_000_000;

/** How much is written of each kind. */
export type Written = Record<'samples' | 'histograms' | 'exemplars', number>;

type OnRefused = NonNullable<WriteOptions['onRefused']>;
type PlainColumns = Pick<SeriesSamples, 'timestamps' | 'values'>;
type Parts = Pick<SeriesSamples, 'timestamps' | 'values' | 'startTimestamps' | 'histograms' | 'exemplars'>;

/** What a request becomes. */
export class WriteBatch {
  /** Samples, histograms and exemplars of a series apart, so that each kind is refused and counted by itself. */
  readonly series: SeriesSamples[] = [];
  /** What is refused for what it is. */
  readonly refused = new RejectionTally();
  #sent = 0;

  /**
   * Adds what came of one series; `identity` is `undefined` where its labels cannot be taken, and so is an exemplar
   * with bad ones.
   */
  add(
    identity: Identity | undefined,
    description: Description,
    samples: SampleColumns,
    histograms: readonly WireHistogram[],
    exemplars: readonly (Exemplar | undefined)[],
  ): void {
    if (!identity) {
      this.refused.add('invalid_labels', samples.length + histograms.length + exemplars.length);
      samples.take();
      return;
    }
    this.#spend(samples.length + histograms.length + exemplars.length);
    if (samples.length > 0) this.#push(identity, description, samples.take());
    if (histograms.length > 0) this.#addHistograms(identity, description, histograms);
    if (exemplars.length > 0) this.#addExemplars(identity, description, exemplars);
  }

  /** Samples alone, of a series that is known. */
  addSamples({ name, labels, memo }: KnownSeries, { type, unit, help }: Description, samples: PlainColumns): void {
    const { timestamps, values } = samples;
    this.#spend(timestamps.length);
    this.series.push({ name, labels, type, unit, help, timestamps, values, memo });
  }

  #addHistograms(identity: Identity, description: Description, wire: readonly WireHistogram[]): void {
    const histograms: HistogramSample[] = [];
    for (const one of wire) {
      const sample = toHistogramSample(one);
      if (sample) histograms.push(sample);
      else this.refused.add('invalid_histogram');
    }
    if (histograms.length === 0) return;
    const isGauge = histograms.some(({ histogram }) => histogram?.hint === 'gauge');
    const type = description.type === 'unknown' ? (isGauge ? 'gaugehistogram' : 'histogram') : description.type;
    this.#push(identity, { ...description, type }, { timestamps: [], values: [], histograms });
  }

  #addExemplars(identity: Identity, description: Description, read: readonly (Exemplar | undefined)[]): void {
    const exemplars = read.filter((exemplar) => exemplar !== undefined);
    this.refused.add('invalid_exemplar', read.length - exemplars.length);
    if (exemplars.length > 0) this.#push(identity, description, { timestamps: [], values: [], exemplars });
  }

  #push({ name, labels }: Identity, { type, unit, help }: Description, parts: Parts): void {
    this.series.push({ name, labels, type, unit, help, ...parts });
  }

  #spend(samples: number): void {
    this.#sent += samples;
    if (this.#sent <= MOST_SAMPLES && this.series.length < MOST_SERIES) return;
    throw new ServiceError(
      'too_large',
      `the request holds more than ${MOST_SAMPLES} samples or ${MOST_SERIES} series; send smaller batches`,
    );
  }

  /** Counts what the pipeline refuses of each kind. */
  counter(): { onRefused: OnRefused; written(): Written } {
    const written: Written = { samples: 0, histograms: 0, exemplars: 0 };
    for (const item of this.series) written[kindOf(item)] += sizeOf(item);
    return {
      onRefused: (index, reason, detail = '', count) => {
        const item = this.series[index]!;
        const refused = count ?? sizeOf(item);
        written[kindOf(item)] -= refused;
        this.refused.add(reason, refused, detail);
      },
      written: () => written,
    };
  }
}

function kindOf({ histograms, exemplars }: SeriesSamples): keyof Written {
  return histograms ? 'histograms' : exemplars ? 'exemplars' : 'samples';
}

function sizeOf({ timestamps, histograms, exemplars }: SeriesSamples): number {
  return (histograms ?? exemplars ?? timestamps).length;
}
