import type { RelabelRule } from '../../lib/relabel.ts';
import type { EscapingScheme, ScrapeProtocol } from './content.ts';
import type { DiscoveryOptions } from './discovery/discovery-options.ts';
import type { HttpOptions } from './http-options.ts';
import type { SampleRules } from './target-series.ts';

/** One item of `scrape_configs`, with the defaults filled in. Limits of 0 are none. */
export interface ScrapeJob {
  readonly name: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly scheme: 'http' | 'https';
  readonly metricsPath: string;
  readonly params: Readonly<Record<string, readonly string[]>>;
  readonly protocols: readonly ScrapeProtocol[];
  readonly fallbackProtocol: ScrapeProtocol | undefined;
  readonly escaping: EscapingScheme;
  /** Also the buckets of histograms that are there as native ones. */
  readonly classicHistograms: boolean;
  readonly nativeHistograms: boolean;
  readonly enableCompression: boolean;
  /** Bytes of the answer, unpacked. */
  readonly bodySizeLimit: number;
  readonly targetLimit: number;
  readonly keepDroppedTargets: number;
  readonly extraMetrics: boolean;
  readonly samples: SampleRules;
  readonly relabelRules: readonly RelabelRule[];
  readonly http: HttpOptions;
  readonly discoveries: readonly DiscoveryOptions[];
  /** The configuration as text: a job whose text did not change goes on as it is when the configuration is reloaded. */
  readonly source: string;
}
