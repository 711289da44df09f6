import type { ExpositionFormat } from '../../lib/exposition.ts';
import { ScrapeError } from './scrape-error.ts';

/** What a scrape may ask for, by the names that Prometheus gives them, with their media types. */
const SCRAPE_PROTOCOLS = {
  PrometheusProto: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
  'PrometheusText0.0.4': 'text/plain;version=0.0.4',
  'PrometheusText1.0.0': 'text/plain;version=1.0.0',
  'OpenMetricsText0.0.1': 'application/openmetrics-text;version=0.0.1',
  'OpenMetricsText1.0.0': 'application/openmetrics-text;version=1.0.0',
} as const;

export type ScrapeProtocol = keyof typeof SCRAPE_PROTOCOLS;
export const SCRAPE_PROTOCOL_NAMES = Object.keys(SCRAPE_PROTOCOLS) as ScrapeProtocol[];

export const TEXT_PROTOCOLS: readonly ScrapeProtocol[] = [
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
];

/** How names beyond `[a-zA-Z0-9_:]` are to be written. */
export const ESCAPING_SCHEMES = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;
export type EscapingScheme = (typeof ESCAPING_SCHEMES)[number];

/** The header Accept: the first protocol is wanted most, anything else is taken as well. */
export function acceptHeader(protocols: readonly ScrapeProtocol[], escaping: EscapingScheme): string {
  let weight = SCRAPE_PROTOCOL_NAMES.length + 1;
  const wanted = protocols.map((protocol) => {
    const escapes = protocol.endsWith('1.0.0') ? `;escaping=${escaping}` : '';
    return `${SCRAPE_PROTOCOLS[protocol]}${escapes};q=0.${weight--}`;
  });
  return [...wanted, `*/*;q=0.${weight}`].join(',');
}

export type AnswerFormat = ExpositionFormat | 'protobuf';

const FORMATS: Readonly<Record<string, AnswerFormat>> = {
  'text/plain': 'text',
  'application/openmetrics-text': 'openmetrics',
  'application/vnd.google.protobuf': 'protobuf',
};

/** The format that a Content-Type tells. Throws `ScrapeError` for one that is missing or unknown without a fallback. */
export function formatOf(contentType: string | undefined, fallback: ScrapeProtocol | undefined): AnswerFormat {
  const media = mediaTypeOf(contentType ?? '');
  const known = FORMATS[media];
  if (known) return known;
  if (fallback !== undefined) return FORMATS[mediaTypeOf(SCRAPE_PROTOCOLS[fallback])]!;
  const problem = media === '' ? 'the target sends no Content-Type' : `the Content-Type "${contentType}" is not known`;
  throw new ScrapeError(`${problem}, and the job has no fallback_scrape_protocol`);
}

function mediaTypeOf(contentType: string): string {
  return contentType.split(';', 1)[0]!.trim().toLowerCase();
}
