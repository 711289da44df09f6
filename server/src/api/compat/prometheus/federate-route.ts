import { type Route, type RouteContext, route } from '../../../http/index.ts';
import type { Clock } from '../../../model/clock.ts';
import { type Labels, labelsKey, METRIC_NAME } from '../../../model/labels.ts';
import { STALE_MARKER_BITS } from '../../../model/stale-marker.ts';
import type { MetricStore } from '../../../stores/telemetry/index.ts';
import { federateParameters } from '../../contract/prometheus.ts';
import { sendBytes } from './answer.ts';
import { sampleText } from './byte-writer.ts';
import { Parameters } from './parameters.ts';

export interface FederateDependencies {
  readonly store: Pick<MetricStore, 'select'>;
  readonly clock: Clock;
}

type SeriesColumns = Awaited<ReturnType<MetricStore['select']>>[number];

interface NewestSample {
  readonly labels: Labels;
  readonly timestamp: number;
  readonly value: number;
}

const LOOKBACK_MS = 300_000;
const MOST_SAMPLES = 10_000_000;
const PLAIN_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const PLAIN_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** `GET /federate`: the newest sample of each selected series, for another Prometheus to scrape. */
export function federateRoute({ store, clock }: FederateDependencies): Route {
  return route({
    method: 'GET',
    path: '/federate',
    tag: 'prometheus',
    summary: 'The newest sample of each selected series as Prometheus text',
    scope: 'read',
    query: federateParameters,
    lenient: true,
    success: { status: 200, contentType: 'text/plain' },
    handle: async (context: RouteContext<unknown, unknown, unknown>) => {
      const end = clock.now();
      const newest = new Map<string, NewestSample>();
      for (const matchers of new Parameters(context).matcherSets()) {
        const options = { maxSamples: MOST_SAMPLES, signal: context.signal };
        for (const columns of await store.select(matchers, { start: end - LOOKBACK_MS, end }, options)) {
          const sample = newestOf(columns);
          if (sample) newest.set(labelsKey(sample.labels), sample);
        }
      }
      const allowsUtf8 = context.request.headers.accept?.includes('escaping=allow-utf-8') ?? false;
      const type = `text/plain; version=${allowsUtf8 ? '1.0.0; escaping=allow-utf-8' : '0.0.4'}; charset=utf-8`;
      return await sendBytes(context, type, Buffer.from(renderFederation([...newest.values()], allowsUtf8)));
    },
  });
}

/** Nothing where the series has ended, or is a native histogram now, which the text format cannot tell. */
function newestOf({ labels, timestamps, values, histograms }: SeriesColumns): NewestSample | undefined {
  const last = timestamps.length - 1;
  if (last < 0 || histograms?.[last]) return undefined;
  const bits = new BigUint64Array(values.buffer, values.byteOffset, values.length);
  return bits[last] === STALE_MARKER_BITS ? undefined : { labels, timestamp: timestamps[last]!, value: values[last]! };
}

/** Types are not told: a family's series may come without its other parts. */
function renderFederation(samples: readonly NewestSample[], allowsUtf8: boolean): string {
  const lines = samples.map(({ labels, value, timestamp }) => {
    const name = labels[METRIC_NAME] ?? '';
    return { name, line: `${seriesText(name, labels, allowsUtf8)} ${sampleText(value)} ${timestamp}\n` };
  });
  lines.sort((a, b) => compare(a.name, b.name) || compare(a.line, b.line));
  let text = '';
  let family: string | undefined;
  for (const { name, line } of lines) {
    if (name !== family) text += `# TYPE ${metricText(name, allowsUtf8)} untyped\n`;
    family = name;
    text += line;
  }
  return text;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A name that older readers do not take is put in quotes for those that do, else its odd characters become `_`. */
function metricText(name: string, allowsUtf8: boolean): string {
  if (PLAIN_METRIC.test(name)) return name;
  return allowsUtf8 ? quote(name) : underscored(name);
}

function seriesText(name: string, labels: Labels, allowsUtf8: boolean): string {
  const pairs = Object.entries({ instance: '', ...labels })
    .filter(([label]) => label !== METRIC_NAME)
    .map(([label, value]) => `${labelText(label, allowsUtf8)}=${quote(value)}`);
  const isQuoted = allowsUtf8 && !PLAIN_METRIC.test(name);
  return isQuoted ? `{${[quote(name), ...pairs].join(',')}}` : `${metricText(name, allowsUtf8)}{${pairs.join(',')}}`;
}

function labelText(name: string, allowsUtf8: boolean): string {
  if (PLAIN_LABEL.test(name)) return name;
  return allowsUtf8 ? quote(name) : underscored(name);
}

function underscored(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}

function quote(text: string): string {
  return `"${text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"')}"`;
}
