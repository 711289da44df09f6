/**
 * Writes batches as fast as it can and prints each that was acknowledged; to be killed. Arguments: data directory,
 * number of the round, rows of a batch, what an acknowledgement waits for (`log` or `store`).
 */

import { flushCompileCache } from 'node:module';
import { packAttributes } from '../../server/src/model/attribute-packer.ts';
import { systemClock } from '../../server/src/model/clock.ts';
import { NO_ATTRIBUTES } from '../../server/src/model/packed-attributes.ts';
import { openTelemetryStore } from '../../server/src/stores/telemetry/index.ts';

const [dataDir, round, rows, by] = process.argv.slice(2) as [string, string, string, 'log' | 'store'];
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const month = 30 * 86_400_000;
const store = await openTelemetryStore({
  dataDir,
  retention: { metricsMs: month, logsMs: month, tracesMs: month },
  acknowledge: by === 'log' ? { by, fsync: '1s' } : { by },
  clock: systemClock,
  logger: silent,
});

// Killed, it would leave nothing to the next one.
flushCompileCache();

async function write(writer: string, batch: number): Promise<void> {
  const numbers = Array.from({ length: Number(rows) }, (_, index) => index);
  const start = Date.now();
  const nano = BigInt(start) * 1_000_000n;
  const common = { service: writer, resourceAttributes: NO_ATTRIBUTES, scopeName: '', scopeVersion: '' };
  const attributes = packAttributes({ batch: String(batch) });
  await Promise.all([
    store.writeSpans(
      numbers.map((index) => ({
        ...common,
        traceId: `${index}`.padStart(32, '0'),
        spanId: `${index}`.padStart(16, '0'),
        parentSpanId: '',
        traceState: '',
        name: 'work',
        kind: 'Internal',
        startTimeUnixNano: nano,
        durationNano: 1n,
        status: 'Ok',
        statusMessage: '',
        attributes,
        events: [],
        links: [],
      })),
    ),
    store.writeLogs(
      numbers.map((index) => ({
        ...common,
        timeUnixNano: nano,
        traceId: '',
        spanId: '',
        severityNumber: 9,
        severityText: '',
        body: `line ${index}`,
        attributes,
      })),
    ),
    store.metrics.writeSamples(
      numbers.map((index) => ({
        name: writer,
        labels: { index: String(index), batch: String(batch % 3) },
        type: 'gauge',
        unit: '',
        help: '',
        timestamps: [start + batch],
        values: [batch],
      })),
    ),
  ]);
  process.stdout.write(`${JSON.stringify({ writer, batch })}\n`);
}

async function run(writer: string): Promise<void> {
  for (let batch = 0; ; batch++) await write(writer, batch);
}

await Promise.all(['a', 'b', 'c'].map((name) => run(`round_${round}_${name}`)));
