import { formatDuration } from '../../lib/duration.ts';
import type { Labels } from '../../model/labels.ts';
import type { CorrelationRule, CorrelationSettings } from './correlation-rule.ts';
import { DependencyGraph } from './dependency-graph.ts';
import type { IncidentMember, JoinReason } from './incident.ts';

type Candidate = Omit<IncidentMember, 'reason'>;

/** The last thing that was heard of alerts with one key. */
interface Trace {
  readonly incidentId: string;
  readonly episodeId: string;
  readonly alertName: string;
  /** When it fired or ended, whichever came last; Unix milliseconds. */
  readonly at: number;
}

export interface Found {
  readonly incidentId: string;
  readonly reason: JoinReason;
}

/**
 * Finds the incident that an alert belongs to: by the rules, in their order; where none matches the alert, by its
 * service (or, of no service, by its name); then by what its service depends on, or what depends on it. The same
 * alerts in the same order give the same incidents.
 */
export class Correlator {
  settings: CorrelationSettings;
  rules: readonly CorrelationRule[] = [];
  graph = new DependencyGraph([]);
  readonly #traces = new Map<string, Trace>();

  constructor(settings: CorrelationSettings) {
    this.settings = settings;
  }

  /** How long what was heard of an alert can matter. */
  get memoryMs(): number {
    const { windowMs, topologyWindowMs, reopenWindowMs } = this.settings;
    return Math.max(windowMs, topologyWindowMs, reopenWindowMs, ...this.rules.map((rule) => rule.windowMs));
  }

  clear(): void {
    this.#traces.clear();
  }

  /** A member of an incident has fired or ended. */
  note(incidentId: string, member: Candidate, at: number): void {
    const { episodeId, alertName } = member;
    const trace = { incidentId, episodeId, alertName, at };
    for (const rule of this.#rulesOf(member)) this.#traces.set(ruleKey(rule, member.labels), trace);
    this.#traces.set(ownKey(member), trace);
  }

  /** `isOpen`: whether an incident can take an alert up now. */
  find(member: Candidate, now: number, isOpen: (incidentId: string) => boolean): Found | undefined {
    const rules = this.#rulesOf(member);
    for (const rule of rules) {
      const trace = this.#recent(ruleKey(rule, member.labels), now - rule.windowMs, isOpen);
      if (trace) return { incidentId: trace.incidentId, reason: byRule(rule, member, trace, now) };
    }
    if (rules.length === 0) {
      const trace = this.#recent(ownKey(member), now - this.settings.windowMs, isOpen);
      if (trace) return { incidentId: trace.incidentId, reason: byService(member, trace, now) };
    }
    return this.#findByTopology(member, now, isOpen);
  }

  #recent(key: string, since: number, isOpen: (incidentId: string) => boolean): Trace | undefined {
    const trace = this.#traces.get(key);
    return trace && trace.at >= since && isOpen(trace.incidentId) ? trace : undefined;
  }

  /**
   * Incidents whose services depend on the alert's, the nearest first: what it explains is one. None where a rule speaks
   * of the alert.
   */
  explainedBy(member: Candidate, now: number, isOpen: (incidentId: string) => boolean): Found[] {
    const { service, environment } = member;
    const { topologyWindowMs } = this.settings;
    if (service === '' || topologyWindowMs === 0) return [];
    const above = this.graph.above(service);
    if (above.size === 0 || this.#rulesOf(member).length > 0) return [];
    const below = this.graph.below(service);
    const found = new Map<string, Found>();
    for (const [other, way] of above) {
      const trace = this.#traces.get(serviceKey(environment, other));
      if (!trace || now - trace.at > topologyWindowMs || below.has(other) || !isOpen(trace.incidentId)) continue;
      const { incidentId } = trace;
      if (!found.has(incidentId))
        found.set(incidentId, { incidentId, reason: byTopology([...way].reverse(), trace, now) });
    }
    return [...found.values()];
  }

  #findByTopology(
    { service, environment }: Candidate,
    now: number,
    isOpen: (incidentId: string) => boolean,
  ): Found | undefined {
    const { topologyWindowMs } = this.settings;
    if (service === '' || topologyWindowMs === 0) return undefined;
    const directions = [this.graph.below(service), this.graph.above(service)] as const;
    for (const [index, reached] of directions.entries()) {
      for (const [other, way] of reached) {
        const trace = this.#recent(serviceKey(environment, other), now - topologyWindowMs, isOpen);
        if (!trace) continue;
        const path = index === 0 ? way : [...way].reverse();
        return { incidentId: trace.incidentId, reason: byTopology(path, trace, now) };
      }
    }
    return undefined;
  }

  #rulesOf({ labels }: Candidate): readonly CorrelationRule[] {
    if (this.rules.length === 0) return this.rules;
    return this.rules.filter(
      (rule) => rule.enabled && rule.keys.every((key) => labels[key]) && rule.matchers.matches(labels),
    );
  }
}

function ruleKey({ id, keys }: CorrelationRule, labels: Labels): string {
  return `rule\0${id}\0${keys.map((key) => labels[key]).join('\0')}`;
}

function serviceKey(environment: string, service: string): string {
  return `service\0${environment}\0${service}`;
}

/** What alerts share that are one incident where no rule speaks of them: the service, or the name where none is known. */
function ownKey({ environment, service, ruleId }: Candidate): string {
  return service === '' ? `alert\0${environment}\0${ruleId}` : serviceKey(environment, service);
}

function byRule(rule: CorrelationRule, { labels }: Candidate, trace: Trace, now: number): JoinReason {
  const keys = Object.fromEntries(rule.keys.map((key) => [key, labels[key]!]));
  const same = rule.keys.map((key) => `${key}=${labels[key]}`).join(', ');
  const text = `rule ${rule.name}: ${same === '' ? 'matches' : `same ${same}`}, ${since(trace, now)}`;
  return { kind: 'rule', text, rule: rule.name, keys, episodeId: trace.episodeId };
}

function byService({ service }: Candidate, trace: Trace, now: number): JoinReason {
  const { episodeId } = trace;
  if (service === '') return { kind: 'alert', text: `the same alert, ${since(trace, now)}`, episodeId };
  return { kind: 'service', text: `same service ${service}, ${since(trace, now)}`, keys: { service }, episodeId };
}

function byTopology(path: readonly string[], trace: Trace, now: number): JoinReason {
  const [caller, callee] = [path[0]!, path.at(-1)!];
  const via = path.length > 2 ? ` (${path.join(' → ')})` : '';
  const text = `${caller} depends on ${callee}${via}, ${since(trace, now)}`;
  return { kind: 'topology', text, path, episodeId: trace.episodeId };
}

function since({ alertName, at }: Trace, now: number): string {
  return `${formatDuration(Math.max(0, Math.round((now - at) / 1000)) * 1000)} after ${alertName}`;
}
