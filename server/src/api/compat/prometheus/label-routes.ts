import { type Route, type RouteContext, route } from '../../../http/index.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import type { MetricDescription, MetricStore } from '../../../stores/telemetry/index.ts';
import {
  labelNameParameters,
  metadataParameters,
  prometheusAnswer,
  seriesParameters,
} from '../../contract/prometheus.ts';
import { sendData, sendWritten } from './answer.ts';
import { PrometheusError } from './errors.ts';
import { unescapeName } from './label-name.ts';
import { Parameters } from './parameters.ts';
import { getAndPost } from './query-routes.ts';
import { writeLabels, writeList } from './result-json.ts';

export type SeriesIndex = Pick<MetricStore, 'series' | 'labelNames' | 'labelValues' | 'describe'>;

type Context = RouteContext<unknown, unknown, unknown>;

const TRUNCATED = ['results truncated due to limit'];

export function labelRoutes(store: SeriesIndex): Route[] {
  return [
    ...getAndPost('/api/v1/labels', 'Names of labels', seriesParameters, async (context) => {
      const parameters = new Parameters(context);
      const range = parameters.range();
      if (isBackwards(range)) return await sendData(context, []);
      return await sendNames(context, parameters, await store.labelNames(parameters.matcherSets(), range));
    }),
    route({
      method: 'GET',
      path: '/api/v1/label/{name}/values',
      tag: 'prometheus',
      summary: 'Values of a label',
      scope: 'read',
      params: labelNameParameters,
      query: seriesParameters,
      lenient: true,
      success: { status: 200, schema: prometheusAnswer },
      handle: async (context) => {
        const parameters = new Parameters(context);
        const range = parameters.range();
        if (isBackwards(range)) return await sendData(context, []);
        const name = unescapeName(context.params.name);
        return await sendNames(context, parameters, await store.labelValues(name, parameters.matcherSets(), range));
      },
    }),
    ...getAndPost('/api/v1/series', 'Label sets of series', seriesParameters, (context) =>
      answerSeries(context, store),
    ),
    route({
      method: 'GET',
      path: '/api/v1/metadata',
      tag: 'prometheus',
      summary: 'Type, help and unit of metrics',
      scope: 'read',
      query: metadataParameters,
      lenient: true,
      success: { status: 200, schema: prometheusAnswer },
      handle: async (context) => sendData(context, describeMetrics(await store.describe(), new Parameters(context))),
    }),
  ];
}

/** Nothing lies in it: no error, as in Prometheus. */
function isBackwards({ start, end }: TimeRange): boolean {
  return end < start;
}

async function sendNames(context: Context, parameters: Parameters, names: readonly string[]): Promise<unknown> {
  const limit = parameters.limit();
  if (names.length <= limit) return await sendData(context, names);
  return await sendData(context, names.slice(0, limit), { warnings: TRUNCATED });
}

async function answerSeries(context: Context, store: SeriesIndex): Promise<unknown> {
  const parameters = new Parameters(context);
  const range = parameters.range();
  const sets = parameters.matcherSets();
  if (sets.length === 0) throw new PrometheusError('bad_data', 'no match[] parameter provided');
  if (isBackwards(range)) return await sendData(context, []);
  const limit = parameters.limit();
  const found = await store.series(sets, range, limit + 1);
  const isTruncated = found.length > limit;
  const series = isTruncated ? found.slice(0, limit) : found;
  return await sendWritten(
    context,
    (writer) =>
      writeList(writer, series, (labels) => {
        writeLabels(writer, labels);
        return 1;
      }),
    isTruncated ? { warnings: TRUNCATED } : {},
  );
}

const PARTS: Readonly<Record<string, RegExp>> = {
  histogram: /_(?:bucket|sum|count)$/,
  gaugehistogram: /_(?:bucket|gsum|gcount)$/,
  summary: /_(?:sum|count)$/,
};

type Metadata = Record<string, { type: string; help: string; unit: string }[]>;

/** By family: the parts of a histogram or summary share one entry, as in the exposition. */
function describeMetrics(metrics: readonly MetricDescription[], parameters: Parameters): Metadata {
  const wanted = parameters.text('metric');
  const limit = parameters.limit('limit', Number.POSITIVE_INFINITY);
  const families = new Map<string, Metadata[string]>();
  for (const { name, type, help, unit } of metrics) {
    const part = PARTS[type];
    const family = part ? name.replace(part, '') : name;
    if (wanted !== '' && family !== wanted && name !== wanted) continue;
    if (families.has(family)) continue;
    if (families.size >= limit) break;
    families.set(family, [{ type, help, unit }]);
  }
  return Object.fromEntries(families);
}
