import type { ConfigMap } from '../lib/config-map.ts';
import { type RelabelRule, readRelabelRules } from '../lib/relabel.ts';
import { type LogFilter, readLogFilters, readSpanFilters, type SpanFilter } from './drop-filter.ts';
import { type Additions, readServiceTable, type ServiceTable } from './enrich.ts';
import type { RateLimit } from './rate-limits.ts';
import { type RedactionRule, readRedactionRules } from './redaction/redaction-rule.ts';

interface RecordRules<Filter> {
  readonly drop: readonly Filter[];
  readonly redact: readonly RedactionRule[];
  /** Attributes that every resource gets. */
  readonly attributes: Additions;
}

/** What the part `pipelines` of the configuration file says, and `services` as far as it says how to enrich. */
export interface PipelineRules {
  readonly sourceLimits: Readonly<Record<string, RateLimit>>;
  readonly keyLimits: Readonly<Record<string, RateLimit>>;
  readonly relabel: readonly RelabelRule[];
  readonly logs: RecordRules<LogFilter>;
  readonly spans: RecordRules<SpanFilter>;
  readonly services: ServiceTable;
  /** What of the file it was read from: the same text, the same rules. */
  readonly source: string;
}

const NO_RECORD_RULES = { drop: [], redact: [], attributes: {} };
export const NO_RULES: PipelineRules = {
  sourceLimits: {},
  keyLimits: {},
  relabel: [],
  logs: NO_RECORD_RULES,
  spans: NO_RECORD_RULES,
  services: new Map(),
  source: '',
};

/** Names of the ways in, as they are counted. */
const SOURCES = ['otlp', 'json', 'zipkin', 'push', 'remote-write', 'statsd'] as const;

/** Reads `pipelines` and `services` of the configuration file; mistakes go where the map collects them. */
export function readPipelineRules(file: ConfigMap): PipelineRules {
  const map = file.map('pipelines');
  const services = readServiceTable(file);
  const source = JSON.stringify([file.raw('pipelines'), file.raw('services')]);
  if (!map) return { ...NO_RULES, services, source };
  const limits = map.map('limits');
  const metrics = map.map('metrics');
  const logs = map.map('logs');
  const traces = map.map('traces');
  map.refuseOthers();
  const rules: PipelineRules = {
    sourceLimits: limits ? readLimits(limits, 'sources', SOURCES) : {},
    keyLimits: limits ? readLimits(limits, 'keys') : {},
    relabel: metrics ? readRelabelRules(metrics, 'metric_relabel_configs') : [],
    logs: logs ? readRecordRules(logs, readLogFilters) : NO_RECORD_RULES,
    spans: traces ? readRecordRules(traces, readSpanFilters) : NO_RECORD_RULES,
    services,
    source,
  };
  limits?.refuseOthers();
  metrics?.refuseOthers();
  return rules;
}

function readRecordRules<Filter>(
  map: ConfigMap,
  readFilters: (map: ConfigMap, key: string) => Filter[],
): RecordRules<Filter> {
  const rules = {
    drop: readFilters(map, 'drop'),
    redact: readRedactionRules(map, 'redact'),
    attributes: map.textMap('attributes') ?? {},
  };
  map.refuseOthers();
  return rules;
}

function readLimits(map: ConfigMap, key: string, known?: readonly string[]): Record<string, RateLimit> {
  const limits: Record<string, RateLimit> = {};
  const names = map.map(key);
  for (const name of Object.keys((map.raw(key) as object | undefined) ?? {})) {
    const of = names?.map(name);
    if (!of) continue;
    if (known && !known.includes(name)) names!.fail(name, `is no source; use ${known.join(', ')}`);
    limits[name] = { itemsPerSecond: of.whole('items_per_second', 1), bytesPerSecond: of.size('bytes_per_second') };
    of.refuseOthers();
  }
  return limits;
}

/** True where a rule makes hashes, which needs a key. */
export function needsHashKey({ logs, spans }: PipelineRules): boolean {
  return [...logs.redact, ...spans.redact].some(({ action }) => action === 'hash');
}
