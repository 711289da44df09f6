import { encodeLabels, RemoteWriteBody } from './remote-write-body.ts';
import type { PreparedRequest } from './request-file.ts';
import { SnappyCompressor } from './snappy-compressor.ts';

const SAMPLES_A_REQUEST = 8000;
const METRICS = 200;

/** Many series of which a share is replaced every hour, as the pods of a cluster are. Time is that of the timestamps. */
export class ChurningSeries {
  readonly #labels: Buffer[];
  readonly #values: Float64Array;
  readonly #churn: number;
  readonly #compressor = new SnappyCompressor();
  readonly #body = new RemoteWriteBody();
  #replaced = 0;
  #due = 0;
  /** Series that have been there so far, those of now included. */
  created: number;

  constructor(active: number, churnAnHour: number) {
    this.#churn = (active * churnAnHour) / 3600;
    this.#labels = Array.from({ length: active }, (_, index) => labelsOf(index, index));
    this.#values = new Float64Array(active);
    this.created = active;
  }

  /** One sample of every series, `seconds` after the scrape before. */
  *scrape(timestamp: number, seconds: number): Generator<PreparedRequest> {
    this.#replace(seconds);
    for (const [index, labels] of this.#labels.entries()) {
      this.#values[index]! += (index * 31 + timestamp) % 97;
      this.#body.add(labels, timestamp, this.#values[index]!);
      if (this.#body.samples >= SAMPLES_A_REQUEST) yield this.#request();
    }
    if (this.#body.samples > 0) yield this.#request();
  }

  #request(): PreparedRequest {
    const items = this.#body.samples;
    return { body: Buffer.from(this.#compressor.compress(this.#body.take())), items };
  }

  #replace(seconds: number): void {
    for (this.#due += seconds * this.#churn; this.#due >= 1; this.#due--) {
      const index = this.#replaced++ % this.#labels.length;
      this.#labels[index] = labelsOf(index, this.created++);
      this.#values[index] = 0;
    }
  }
}

function labelsOf(index: number, pod: number): Buffer {
  return encodeLabels({
    __name__: `bench_operations_${index % METRICS}_total`,
    namespace: `team-${index % 20}`,
    job: `job-${index % 50}`,
    instance: `10.${(index >> 8) & 255}.${index & 255}.1:9100`,
    pod: `worker-${pod.toString(36).padStart(8, '0')}`,
  });
}
