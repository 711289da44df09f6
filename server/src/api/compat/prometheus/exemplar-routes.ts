import type { Route, RouteContext } from '../../../http/index.ts';
import type { Labels } from '../../../model/labels.ts';
import type { Exemplar } from '../../../model/metric.ts';
import { selectorsOf, sortByLabels } from '../../../query/promql/index.ts';
import type { MetricStore } from '../../../stores/telemetry/index.ts';
import { exemplarParameters } from '../../contract/prometheus.ts';
import { sendData } from './answer.ts';
import { sampleText } from './byte-writer.ts';
import { Parameters } from './parameters.ts';
import { getAndPost, reportingExecution } from './query-routes.ts';

export type ExemplarStore = Pick<MetricStore, 'exemplars'>;

type Context = RouteContext<unknown, unknown, unknown>;

/** https://prometheus.io/docs/prometheus/latest/querying/api/#querying-exemplars */
export function exemplarRoutes(store: ExemplarStore): Route[] {
  return getAndPost('/api/v1/query_exemplars', 'Exemplars of the selected series', exemplarParameters, (context) =>
    answerExemplars(context, store),
  );
}

async function answerExemplars(context: Context, store: ExemplarStore): Promise<unknown> {
  const parameters = new Parameters(context);
  const range = parameters.orderedRange();
  const sets = selectorsOf(parameters.query().expression).map(({ matchers }) => matchers);
  if (sets.length === 0) return await sendData(context, []);
  const found = await reportingExecution(() => store.exemplars(sets, range, { signal: context.signal }));
  const data = sortByLabels(found).map(({ labels, exemplars }) => ({
    seriesLabels: sorted(labels),
    exemplars: exemplars.map(toAnswer),
  }));
  return await sendData(context, data);
}

function toAnswer({ labels, value, timestamp }: Exemplar) {
  return { labels: sorted(labels), value: sampleText(value), timestamp: timestamp / 1000 };
}

function sorted(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
