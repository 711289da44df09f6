import { formatDuration } from '../../../lib/duration.ts';
import { invalid } from '../../../model/errors.ts';
import type { Labels } from '../../../model/labels.ts';
import type { AlertForm } from '../../rules/alert-rule.ts';
import { parseLogSearch } from '../logs/logs.ts';
import { metricSelectors } from '../promql/selector.ts';
import type { Found, RuleKind, Sample } from '../rule-kind.ts';
import type { AbsenceCondition, Speaker } from './condition.ts';
import { quietestOf } from './quietest-of.ts';
import { silencesHistory, silencesOf } from './silences.ts';

const SHORTEST_MS = 1000;
const LONGEST_MS = 7 * 86_400_000;
const PLAIN_SELECTOR = /^[a-zA-Z_:][\w:]*(?:\{[^{}]*\})?$/;

/** Silence is the alert: of a metric's series, of a log search or its groups, of a service. */
export const absence: RuleKind<AbsenceCondition> = {
  name: 'absence',
  raisedBy: 'data',
  fields: ['metric', 'query', 'absence'],
  claims: (form) => form.absence !== null,

  prepare(form) {
    const { forMs } = form.absence!;
    if (forMs < SHORTEST_MS || forMs > LONGEST_MS) {
      throw invalid({ path: 'absence.for', message: 'must be 1s to 7d' });
    }
    const levels = [{ severity: form.severity, threshold: forMs / 1000 }];
    const comparison = { operator: '>=', levels, recoveryThreshold: null } as const;
    return { condition: { kind: 'absence', speaker: speakerOf(form), forMs, comparison }, query: form.query };
  },

  async ask(condition, look, sources): Promise<Found> {
    const { speaker, forMs } = condition;
    const seen = quietestOf(await silencesOf(condition, look, sources), look.groupBy);
    const own = ownLabels(speaker);
    // Who could not be heard before the start is not silent for that.
    const isHeard = look.now - look.upSince >= forMs;
    const samples: Sample[] = seen.filter(({ value }) => value < forMs / 1000 || isHeard);
    if (seen.length > 0) {
      if (!own.service) samples.push({ labels: own, value: 0 });
    } else if (!look.hasInstances && look.now - look.watchedSince >= forMs) {
      samples.push({ labels: own, value: (look.now - look.watchedSince) / 1000 });
    }
    return { samples, absent: 'held' };
  },

  history: silencesHistory,

  describe: ({ speaker, forMs }) => `silence of ${speakerText(speaker)} for ${formatDuration(forMs)}`,
};

function speakerOf({ metric, query, queryLanguage, service }: AlertForm): Speaker {
  if (queryLanguage === 'logs') {
    if (!query) throw invalid({ path: 'query', message: 'say which log records, such as service:backup done' });
    parseLogSearch(query);
    return { type: 'logs', search: query, service };
  }
  if (queryLanguage !== 'promql') {
    throw invalid({ path: 'query_language', message: 'silence is known of promql and logs, or of a service' });
  }
  if (metric) return { type: 'series', expressions: metricSelectors(metric, service), isSelector: true };
  if (query) return { type: 'series', expressions: [query.trim()], isSelector: PLAIN_SELECTOR.test(query.trim()) };
  if (service !== null) return { type: 'service', service };
  throw invalid({ path: 'absence', message: 'give metric, query or service: whose silence is meant' });
}

/** Of what was never there. */
function ownLabels(speaker: Speaker): Labels {
  return speaker.type === 'service' ? { service: speaker.service } : {};
}

function speakerText(speaker: Speaker): string {
  switch (speaker.type) {
    case 'series':
      return speaker.expressions.join(' or ');
    case 'logs':
      return `log records${speaker.service === null ? '' : ` of ${speaker.service}`}: ${speaker.search}`;
    case 'service':
      return `the service ${speaker.service}`;
  }
}
