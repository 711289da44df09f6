import type { IngestReport } from '../../api-client/types.ts';
import { Fact } from '../../components/fact.tsx';
import { Panel } from '../../components/panel.tsx';
import surface from '../../components/surface.module.css';
import { formatBytes, formatCount, formatSeconds } from '../../format/number.ts';

/** The limits in force; the documentation says which setting changes which. */
export function LimitsPanel({ report }: { report: IngestReport }) {
  const { series, limits } = report;
  const age = (seconds: number | null) => (seconds === null ? 'any' : formatSeconds(seconds));
  return (
    <Panel title="Limits">
      <dl className={surface.facts}>
        <Fact name="Series of metrics">
          {formatCount(series.count)} of {formatCount(series.limit)}
        </Fact>
        <Fact name="Series of one metric">{formatCount(series.per_metric_limit)}</Fact>
        <Fact name="Oldest metrics">{age(limits.max_age_seconds.samples)}</Fact>
        <Fact name="Oldest logs">{age(limits.max_age_seconds.logs)}</Fact>
        <Fact name="Oldest spans">{age(limits.max_age_seconds.spans)}</Fact>
        <Fact name="Furthest in the future">{age(limits.max_ahead_seconds)}</Fact>
        <Fact name="Labels of a series">{formatCount(limits.labels)}</Fact>
        <Fact name="Attributes">{formatCount(limits.attributes)}</Fact>
        <Fact name="Characters of a log body">{formatCount(limits.body_length)}</Fact>
        {ratesOf(limits.rates).map(({ name, rate: { items_per_second: items, bytes_per_second: bytes } }) => (
          <Fact key={name} name={name}>
            {[items && `${formatCount(items)}/s`, bytes && `${formatBytes(bytes)}/s`].filter(Boolean).join(', ') ||
              'any'}
          </Fact>
        ))}
      </dl>
    </Panel>
  );
}

type Rates = IngestReport['limits']['rates'];

/** The standard, and what has a limit of its own. */
function ratesOf({ standard, sources, keys }: Rates): { name: string; rate: Rates['standard'] }[] {
  const named = (what: string, rates: Rates['sources']) =>
    Object.entries(rates).map(([name, rate]) => ({ name: `Rate of the ${what} ${name}`, rate }));
  return [{ name: 'Rate of each source and key', rate: standard }, ...named('source', sources), ...named('key', keys)];
}
