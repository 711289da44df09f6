import type { ConfigMap } from '../../lib/config-map.ts';
import { readRelabelRules } from '../../lib/relabel.ts';
import { ESCAPING_SCHEMES, SCRAPE_PROTOCOL_NAMES, type ScrapeProtocol, TEXT_PROTOCOLS } from './content.ts';
import { readDiscoveries } from './discovery/read-discoveries.ts';
import { readHttpOptions } from './http-options.ts';
import type { ScrapeJob } from './scrape-job.ts';

/**
 * The jobs of `scrape_configs`, with the defaults of `global`, in Prometheus' own words. Mistakes go where the map
 * collects them. https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
 */
export function readScrapeJobs(file: ConfigMap): readonly ScrapeJob[] {
  const global = file.map('global');
  const defaults = readDefaults(global);
  const names = new Set<string>();
  return (file.maps('scrape_configs') ?? []).map((map) => {
    const job = readJob(map, defaults);
    if (names.has(job.name)) map.fail('job_name', `there is another job "${job.name}"; choose a name of its own`);
    names.add(job.name);
    return job;
  });
}

const DEFAULT_INTERVAL_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 10_000;
const LIMITS = [
  'sample_limit',
  'label_limit',
  'label_name_length_limit',
  'label_value_length_limit',
  'target_limit',
  'keep_dropped_targets',
] as const;

/** What `global` and a job both may say. */
type Shared = ReturnType<typeof readShared>;

function readShared(map: ConfigMap | undefined) {
  return {
    intervalMs: positive(map, 'scrape_interval'),
    timeoutMs: positive(map, 'scrape_timeout'),
    protocols: readProtocols(map),
    nativeHistograms: map?.flag('scrape_native_histograms'),
    classicHistograms: map?.flag('always_scrape_classic_histograms'),
    extraMetrics: map?.flag('extra_scrape_metrics'),
    bodySizeLimit: map?.size('body_size_limit'),
    nameValidation: map?.oneOf('metric_name_validation_scheme', ['utf8', 'legacy']),
    escaping: map?.oneOf('metric_name_escaping_scheme', ESCAPING_SCHEMES),
    limits: LIMITS.map((name) => map?.whole(name)),
  };
}

/** Words of Prometheus' `global` that are not about scraping. */
const NOT_ABOUT_SCRAPING = ['query_log_file', 'scrape_failure_log_file'];
/** Read with the rule files. */
const ABOUT_RULES = ['evaluation_interval', 'rule_query_offset', 'external_labels'];

function readDefaults(global: ConfigMap | undefined): Shared {
  const defaults = readShared(global);
  refuseConversion(global);
  for (const name of NOT_ABOUT_SCRAPING) {
    if (global?.has(name)) global.fail(name, 'has no effect here: only what is about scraping is taken; remove it');
  }
  for (const name of ABOUT_RULES) global?.raw(name);
  global?.refuseOthers();
  return defaults;
}

function positive(map: ConfigMap | undefined, key: string): number | undefined {
  const duration = map?.duration(key);
  return duration === 0 ? map!.fail(key, 'use a duration above zero') : duration;
}

function readProtocols(map: ConfigMap | undefined): ScrapeProtocol[] | undefined {
  const words = map?.texts('scrape_protocols');
  if (!words) return undefined;
  if (words.length === 0) return map!.fail('scrape_protocols', 'name at least one protocol');
  return words.flatMap((word, index) => {
    const known = SCRAPE_PROTOCOL_NAMES.find((name) => name === word);
    const path = `scrape_protocols[${index}]`;
    if (!known) map!.fail(path, `"${word}" is not known; use ${SCRAPE_PROTOCOL_NAMES.join(', ')}`);
    else if (words.indexOf(word) < index) map!.fail(path, `${word} is there twice`);
    return known ?? [];
  });
}

function refuseConversion(map: ConfigMap | undefined): void {
  if (map?.flag('convert_classic_histograms_to_nhcb')) {
    map.fail('convert_classic_histograms_to_nhcb', 'is not supported; remove it, buckets are stored as they are');
  }
}

function readJob(map: ConfigMap, defaults: Shared): ScrapeJob {
  const own = readShared(map);
  const both = { ...defaults, ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) };
  const [sampleLimit, labelLimit, labelNameLengthLimit, labelValueLengthLimit, targetLimit, keepDroppedTargets] =
    LIMITS.map((_, index) => own.limits[index] ?? defaults.limits[index] ?? 0) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
  refuseConversion(map);
  const nativeHistograms = both.nativeHistograms ?? false;
  const nameValidation = both.nameValidation ?? 'utf8';
  const job: ScrapeJob = {
    name: map.text('job_name') ?? '',
    ...readTimes(map, own, defaults),
    scheme: map.oneOf('scheme', ['http', 'https']) ?? 'http',
    metricsPath: map.text('metrics_path') ?? '/metrics',
    params: map.textsMap('params') ?? {},
    protocols: both.protocols ?? (nativeHistograms ? ['PrometheusProto', ...TEXT_PROTOCOLS] : TEXT_PROTOCOLS),
    fallbackProtocol: map.oneOf('fallback_scrape_protocol', SCRAPE_PROTOCOL_NAMES),
    escaping: both.escaping ?? (nameValidation === 'legacy' ? 'underscores' : 'allow-utf-8'),
    classicHistograms: map.flag('scrape_classic_histograms') ?? both.classicHistograms ?? false,
    nativeHistograms,
    enableCompression: map.flag('enable_compression') ?? true,
    bodySizeLimit: both.bodySizeLimit ?? 0,
    targetLimit,
    keepDroppedTargets,
    extraMetrics: both.extraMetrics ?? false,
    samples: {
      honorLabels: map.flag('honor_labels') ?? false,
      honorTimestamps: map.flag('honor_timestamps') ?? true,
      trackTimestampsStaleness: map.flag('track_timestamps_staleness') ?? false,
      metricRelabelRules: readRelabelRules(map, 'metric_relabel_configs'),
      sampleLimit,
      labelLimit,
      labelNameLengthLimit,
      labelValueLengthLimit,
      nameValidation,
    },
    relabelRules: readRelabelRules(map, 'relabel_configs'),
    http: readHttpOptions(map),
    discoveries: readDiscoveries(map),
    source: JSON.stringify([map.source(), defaults]),
  };
  if (job.name === '') map.fail('job_name', 'give the job a name');
  map.refuseOthers();
  return job;
}

function readTimes(map: ConfigMap, own: Shared, defaults: Shared): Pick<ScrapeJob, 'intervalMs' | 'timeoutMs'> {
  const intervalMs = own.intervalMs ?? defaults.intervalMs ?? DEFAULT_INTERVAL_MS;
  const asked = own.timeoutMs ?? defaults.timeoutMs;
  if (own.timeoutMs !== undefined && own.timeoutMs > intervalMs) {
    map.fail('scrape_timeout', 'cannot be longer than scrape_interval');
  }
  return { intervalMs, timeoutMs: Math.min(asked ?? DEFAULT_TIMEOUT_MS, intervalMs) };
}
