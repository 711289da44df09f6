import type { Labels } from '../../model/labels.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import type { DirectRecipients, RoutedAlert } from '../grouping/routed-alert.ts';

/** An alert as another program tells of it. Times are Unix milliseconds, null where it says nothing. */
export interface ExternalAlert {
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: number | null;
  readonly endsAt: number | null;
  readonly generatorUrl: string;
  /** Who is told; left out: its rule decides, or the routing. */
  readonly direct?: DirectRecipients;
}

/** The same with what it left out. */
export interface TimedAlert {
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly isTimeout: boolean;
  readonly generatorUrl: string;
}

const MOST_BYTES = 65_536;

/** The alert with times, and without empty labels. Throws an `Error` in Alertmanager's words where it cannot be. */
export function timed(alert: ExternalAlert, now: number, resolveTimeoutMs: number): TimedAlert {
  const labels = withoutEmpty(alert.labels);
  const { annotations, generatorUrl } = alert;
  const startsAt = alert.startsAt ?? alert.endsAt ?? now;
  const endsAt = alert.endsAt ?? now + resolveTimeoutMs;
  if (endsAt < startsAt) throw new Error('start time must be before end time');
  if (Object.keys(labels).length === 0) throw new Error('at least one label pair required');
  if (Object.hasOwn(labels, '')) throw new Error('invalid label set: invalid name ""');
  if (sizeOf(labels) + sizeOf(annotations) > MOST_BYTES)
    throw new Error(`labels and annotations exceed ${MOST_BYTES} bytes`);
  return { labels, annotations, startsAt, endsAt, isTimeout: alert.endsAt === null, generatorUrl };
}

function withoutEmpty(labels: Labels): Labels {
  for (const name in labels) {
    if (labels[name] === '') return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
  }
  return labels;
}

function sizeOf(texts: Readonly<Record<string, string>>): number {
  let size = 0;
  for (const name in texts) size += name.length + texts[name]!.length;
  return size;
}

/**
 * What is known of an alert together with what is said of it now: the earlier begin, the newer words; an end that the
 * sender gave itself outlasts one that was only assumed.
 */
export function merged(known: RoutedAlert, said: TimedAlert, now: number): RoutedAlert {
  const keepsEnd = said.endsAt > now && known.endsAt! > said.endsAt && !known.isTimeout;
  return {
    ...known,
    annotations: said.annotations,
    startsAt: Math.min(known.startsAt, said.startsAt),
    endsAt: keepsEnd ? known.endsAt : said.endsAt,
    isTimeout: keepsEnd ? known.isTimeout : said.isTimeout,
    generatorUrl: said.generatorUrl || known.generatorUrl,
    updatedAt: now,
  };
}

const WORDS: Readonly<Record<Severity, readonly string[]>> = {
  critical: ['critical', 'crit', 'page', 'fatal', 'emergency', 'disaster', 'p1', 'sev1'],
  error: ['error', 'err', 'major', 'high', 'p2', 'sev2'],
  warning: ['warning', 'warn', 'minor', 'medium', 'average', 'p3', 'sev3'],
  info: ['info', 'information', 'informational', 'notice', 'low', 'none', 'debug', 'p4', 'p5', 'sev4'],
};

const SEVERITY_OF = new Map(
  SEVERITIES.flatMap((severity) => WORDS[severity].map((word): [string, Severity] => [word, severity])),
);

/** The severity that the label of that name speaks of; of unknown words, a warning. */
export function severityOf({ severity, priority }: Labels): Severity {
  return SEVERITY_OF.get((severity ?? priority ?? '').toLowerCase()) ?? 'warning';
}
