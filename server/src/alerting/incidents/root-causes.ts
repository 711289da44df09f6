import { compareSeverity, SEVERITIES, type Severity } from '../../model/severity.ts';
import type { DependencyGraph } from './dependency-graph.ts';
import type { IncidentMember } from './incident.ts';

/** What may have caused an incident. */
export interface SuspectedCause {
  /** Of the first of these alerts; null: it has none of its own. */
  readonly episodeId: string | null;
  readonly ruleId: string | null;
  /** Empty where it has no alert of its own. */
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
    const [above, below] = [graph.above(first!.service), graph.below(first!.service)];
    const worst = group.map(({ severity }) => severity).reduce((a, b) => (compareSeverity(a, b) >= 0 ? a : b));
    // Those that depend on each other say nothing of which came of which.
    const dependents = [...services].filter((service) => above.has(service) && !below.has(service)).sort();
    return { first: first!, count: group.length, severity: worst, dependents };
  });
  const starts = [...new Set(candidates.map(({ first }) => first.firedAt))].sort((a, b) => a - b);
  const worst = candidates.map(({ severity }) => severity).reduce((a, b) => (compareSeverity(a, b) >= 0 ? a : b));
  const most = Math.max(...candidates.map(({ count }) => count));
  const whole = { services: services.size, starts, worst, most };
  return [...candidates.map((candidate) => judge(candidate, whole)), ...silentCauses(services, graph)]
    .sort((a, b) => b.score - a.score || (keyOf(a) < keyOf(b) ? -1 : 1))
    .slice(0, MOST_CAUSES);
}

/** How many services have to depend on what has no alert of its own, for it to be suspected. */
const FEWEST_DEPENDENTS = 2;
const MOST_SILENT = 2;

/** What all services of the incident depend on, and nothing watches: the nearest of it. */
function silentCauses(services: ReadonlySet<string>, graph: DependencyGraph): SuspectedCause[] {
  if (services.size < FEWEST_DEPENDENTS) return [];
  const reached = [...services].map((service) => graph.below(service));
  const common = [...(reached[0]?.keys() ?? [])].filter(
    (name) => !services.has(name) && reached.every((below) => below.has(name)),
  );
  const hops = (name: string) => reached.reduce((sum, below) => sum + below.get(name)!.length, 0);
  return common
    .sort((a, b) => hops(a) - hops(b) || (a < b ? -1 : 1))
    .slice(0, MOST_SILENT)
    .map((name) => {
      const reasons = [`${listed([...services].sort())} depend on ${name}`, 'it has no alert of its own'];
      return { episodeId: null, ruleId: null, alertName: '', service: name, count: 0, score: WEIGHTS.depth, reasons };
    });
}

function keyOf({ episodeId, service }: SuspectedCause): string {
  return episodeId ?? `~${service}`;
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
