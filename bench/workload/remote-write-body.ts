import { WireWriter } from './wire-writer.ts';

export const REMOTE_WRITE_HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
};

/** The labels of a time series as they stand in every request, sorted by name as the specification demands. */
export function encodeLabels(labels: Readonly<Record<string, string>>): Buffer {
  const writer = new WireWriter();
  for (const name of Object.keys(labels).sort()) {
    const mark = writer.begin(1);
    writer.text(1, name);
    writer.text(2, labels[name]!);
    writer.end(mark);
  }
  // A copy: the writer's memory is much larger.
  return Buffer.from(writer.take());
}

/**
 * `prometheus.WriteRequest` (remote write 1.0), one sample a time series, as Prometheus sends them.
 * https://prometheus.io/docs/specs/prw/remote_write_spec/
 */
export class RemoteWriteBody {
  readonly #writer = new WireWriter();
  samples = 0;

  add(labels: Buffer, timestamp: number, value: number): void {
    const writer = this.#writer;
    const series = writer.begin(1);
    writer.raw(labels);
    const sample = writer.begin(2);
    writer.double(1, value);
    writer.varint(2, timestamp);
    writer.end(sample);
    writer.end(series);
    this.samples++;
  }

  /** The request so far, and begins a new one. The answer is good until the next `add`. */
  take(): Buffer {
    this.samples = 0;
    return this.#writer.take();
  }
}
