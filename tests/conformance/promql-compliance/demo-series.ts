import type { SeriesSamples } from '../../../server/src/model/metric.ts';

/** Where the samples end, Unix milliseconds. */
export const END = 1_700_000_000_000;
const STEP_MS = 5000;
/** Longer than the longest range and offset of the suite together. */
const COUNT = 1100;
/** Off the grid of evaluations and subquery steps: there, windows with and without their left end are the same. */
const SHIFT_MS = 777;

const INSTANCES = ['demo.promlabs.com:10000', 'demo.promlabs.com:10001', 'demo.promlabs.com:10002'];
const BOUNDS = ['0.0001', '0.001', '0.01', '0.1', '0.5', '1', '+Inf'];

/** Series like those of the demo service that the suite's queries ask about. */
export function demoSeries(): SeriesSamples[] {
  const random = randomNumbers(20_231_114);
  return INSTANCES.flatMap((instance, n) => {
    const labels = { instance, job: 'demo' };
    return [
      ...['used', 'free', 'buffers', 'cached'].map((type) =>
        series('demo_memory_usage_bytes', { ...labels, type }, wander(random, 1e9 * (n + 1))),
      ),
      ...['idle', 'system', 'user'].map((mode) =>
        series('demo_cpu_usage_seconds_total', { ...labels, mode }, counter(random, 5, 400)),
      ),
      series('demo_num_cpus', labels, () => 4),
      series('demo_disk_usage_bytes', labels, (i) => 5e10 + i * 12_345 + random() * 1000),
      series('demo_disk_total_bytes', labels, () => 1.2e11),
      series('demo_batch_last_success_timestamp_seconds', labels, (i) => 1.69e9 + Math.floor(i / 40) * 200),
      series('demo_batch_last_run_timestamp_seconds', labels, (i) => 1.69e9 + Math.floor(i / 20) * 100),
      gapped('demo_intermittent_metric', labels),
      ...durations(random, { ...labels, method: 'GET', path: '/api/foo', status: '200' }),
      ...durations(random, { ...labels, method: 'POST', path: '/api/bar', status: '500' }),
    ];
  });
}

function timestampOf(i: number): number {
  return END - (COUNT - i) * STEP_MS + SHIFT_MS;
}

function series(name: string, labels: Record<string, string>, valueAt: (i: number) => number): SeriesSamples {
  const positions = Array.from({ length: COUNT }, (_, i) => i);
  return describe(name, labels, positions.map(timestampOf), positions.map(valueAt));
}

/** One minute there, seven minutes away. */
function gapped(name: string, labels: Record<string, string>): SeriesSamples {
  const positions = Array.from({ length: COUNT }, (_, i) => i).filter((i) => i % 96 < 12);
  return describe(
    name,
    labels,
    positions.map(timestampOf),
    positions.map(() => 1),
  );
}

function describe(name: string, labels: Record<string, string>, timestamps: number[], values: number[]): SeriesSamples {
  return { name, labels, type: 'unknown', unit: '', help: '', timestamps, values };
}

function durations(random: () => number, labels: Record<string, string>): SeriesSamples[] {
  const rates = BOUNDS.map(() => Math.floor(random() * 20));
  const seen = BOUNDS.map(() => 0);
  const columns = BOUNDS.map((): number[] => []);
  for (let i = 0; i < COUNT; i++) {
    let total = 0;
    for (const [b, rate] of rates.entries()) {
      seen[b]! += Math.floor(random() * rate);
      total += seen[b]!;
      columns[b]!.push(total);
    }
  }
  const all = columns.at(-1)!;
  return [
    ...BOUNDS.map((le, b) =>
      series('demo_api_request_duration_seconds_bucket', { ...labels, le }, (i) => columns[b]![i]!),
    ),
    series('demo_api_request_duration_seconds_count', labels, (i) => all[i]!),
    series('demo_api_request_duration_seconds_sum', labels, (i) => all[i]! * 0.0123),
  ];
}

function wander(random: () => number, from: number): () => number {
  let value = from;
  return () => {
    value = Math.max(1, value + Math.floor((random() - 0.5) * from * 0.02));
    return value;
  };
}

/** Starts again at zero every so many samples. */
function counter(random: () => number, step: number, resetAfter: number): (i: number) => number {
  let value = 0;
  return (i) => {
    value = i % resetAfter === resetAfter - 1 ? 0 : value + random() * step;
    return value;
  };
}

/** The same numbers each time: minimal standard generator of Park and Miller. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
