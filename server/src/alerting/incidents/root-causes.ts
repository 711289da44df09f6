import { compareSeverity, SEVERITIES, type Severity } from '../../model/severity.ts';
import type { DependencyGraph } from './dependency-graph.ts';
import type { IncidentMember } from './incident.ts';

/** What may have caused an incident. */
export interface SuspectedCause {
  /** Of the first of these alerts. */
  readonly episodeId: string;
  readonly ruleId: string;
  readonly alertName: string;
  readonly service: string;
  readonly count: number;
  /** 0 to 1. */
  readonly score: number;
  /** For people, the weightiest first. */
  readonly reasons: readonly string[];
}

const MOST_CAUSES = 5;
/** What others depend on weighs most: it is the only one of these that says anything about cause and effect. */
const WEIGHTS = { depth: 0.45, time: 0.3, severity: 0.15, count: 0.1 } as const;

interface Candidate {
  readonly first: IncidentMember;
  readonly count: number;
  readonly severity: Severity;
  /** Services of the incident that depend on this one. */
  readonly dependents: readonly string[];
}

/** Alerts of an incident by how likely they are its cause, with the reasons; the likeliest first. */
export function rankCauses(members: readonly IncidentMember[], graph: DependencyGraph): SuspectedCause[] {
  const services = new Set(members.map(({ service }) => service).filter((service) => service !== ''));
  const candidates: Candidate[] = [
    ...Map.groupBy(members, ({ service, ruleId }) => `${ruleId}\0${service}`).values(),
  ].map((group) => {
    const [first] = group.toSorted((a, b) => a.firedAt - b.firedAt || (a.episodeId < b.episodeId ? -1 : 1));
    const above = graph.above(first!.service);
    const worst = group.map(({ severity }) => severity).reduce((a, b) => (compareSeverity(a, b) >= 0 ? a : b));
    const dependents = [...services].filter((service) => above.has(service)).sort();
    return { first: first!, count: group.length, severity: worst, dependents };
  });
  const starts = [...new Set(candidates.map(({ first }) => first.firedAt))].sort((a, b) => a - b);
  const worst = candidates.map(({ severity }) => severity).reduce((a, b) => (compareSeverity(a, b) >= 0 ? a : b));
  const most = Math.max(...candidates.map(({ count }) => count));
  return candidates
    .map((candidate) => judge(candidate, { services: services.size, starts, worst, most }))
    .sort((a, b) => b.score - a.score || (a.episodeId < b.episodeId ? -1 : 1))
    .slice(0, MOST_CAUSES);
}

interface Whole {
  readonly services: number;
  readonly starts: readonly number[];
  readonly worst: Severity;
  readonly most: number;
}

function judge({ first, count, severity, dependents }: Candidate, whole: Whole): SuspectedCause {
  const place = whole.starts.indexOf(first.firedAt);
  const depth = whole.services > 1 ? dependents.length / (whole.services - 1) : 0;
  const time = 1 - place / whole.starts.length;
  const score =
    WEIGHTS.depth * depth +
    WEIGHTS.time * time +
    WEIGHTS.severity * (SEVERITIES.indexOf(severity) / (SEVERITIES.length - 1)) +
    WEIGHTS.count * (count / whole.most);
  const reasons = [
    ...(dependents.length > 0
      ? [`${listed(dependents)} ${dependents.length === 1 ? 'depends' : 'depend'} on ${first.service}`]
      : []),
    ...(place === 0 ? ['fired first'] : []),
    ...(severity === whole.worst ? [`severity ${severity}, the worst here`] : []),
    ...(count > 1 && count === whole.most ? [`${count} alerts, the most here`] : []),
  ];
  const { episodeId, ruleId, alertName, service } = first;
  return { episodeId, ruleId, alertName, service, count, score: Math.round(score * 100) / 100, reasons };
}

function listed(services: readonly string[]): string {
  const [named, more] = [services.slice(0, 3), services.length - 3];
  if (more > 0) return `${named.join(', ')} and ${more} more`;
  return named.length > 1 ? `${named.slice(0, -1).join(', ')} and ${named.at(-1)}` : named[0]!;
}
