import type { ConfigMap } from '../lib/config-map.ts';
import { type RelabelRule, readRelabelRules } from '../lib/relabel.ts';
import type { RateLimit } from './rate-limits.ts';

/** What the part `pipelines` of the configuration file says. */
export interface PipelineRules {
  readonly sourceLimits: Readonly<Record<string, RateLimit>>;
  readonly keyLimits: Readonly<Record<string, RateLimit>>;
  readonly relabel: readonly RelabelRule[];
}

export const NO_RULES: PipelineRules = { sourceLimits: {}, keyLimits: {}, relabel: [] };

/** Names of the ways in, as they are counted. */
const SOURCES = ['otlp', 'json', 'zipkin', 'push', 'remote-write', 'statsd', 'loki'] as const;

/** Reads `pipelines` of the configuration file; mistakes go where the map collects them. */
export function readPipelineRules(file: ConfigMap): PipelineRules {
  const map = file.map('pipelines');
  if (!map) return NO_RULES;
  const limits = map.map('limits');
  const metrics = map.map('metrics');
  map.refuseOthers();
  const rules: PipelineRules = {
    sourceLimits: limits ? readLimits(limits, 'sources', SOURCES) : {},
    keyLimits: limits ? readLimits(limits, 'keys') : {},
    relabel: metrics ? readRelabelRules(metrics, 'metric_relabel_configs') : [],
  };
  limits?.refuseOthers();
  metrics?.refuseOthers();
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
