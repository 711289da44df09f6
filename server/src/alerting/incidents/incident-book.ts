import { notFound } from '../../model/errors.ts';
import type { TimeRange } from '../../model/time-range.ts';
import {
  type ControlStore,
  countIncidentsByStatus,
  countMembers,
  deleteIncidentsBefore,
  findIncident,
  type IncidentFilter,
  listDependencies,
  listIncidents,
  listMemberEpisodes,
  saveDependencies,
  type TimelinePosition,
} from '../../stores/control/index.ts';
import { CorrelationBook } from './correlation-book.ts';
import { type ConfiguredCorrelation, type CorrelationSettings, DEFAULT_CORRELATION } from './correlation-rule.ts';
import { Correlator } from './correlator.ts';
import { type Dependency, DependencyGraph } from './dependency-graph.ts';
import { fromStoredIncident, type Incident } from './incident.ts';
import { incidentMarkdown } from './incident-markdown.ts';
import { IncidentTable } from './incident-table.ts';
import { previewRule, type RulePreview, type TriedRule } from './preview-rule.ts';
import { rankCauses, type SuspectedCause } from './root-causes.ts';
import { readTimeline, type TimelineEntry } from './timeline.ts';

/** Says who calls whom as far as is known now; rejects where the store cannot be read. */
export type DependencySource = (signal: AbortSignal) => Promise<readonly Dependency[]>;

export interface IncidentFigures {
  /** In the order in which they were concerned. */
  readonly services: readonly string[];
  readonly alerts: number;
  /** Alerts that have not ended. */
  readonly firing: number;
}

/** What is down is called no more: for so long a dependency is believed in after its last call. */
const REMEMBERED_MS = 7 * 86_400_000;
/** Entries of a timeline that an export has. */
const MOST_EXPORTED = 2000;
/** Episodes of an incident that are read for a list or a page. */
const MOST_MEMBERS = 500;

/** Incidents: the rules by which alerts are put into them, and the stored ones. */
export class IncidentBook {
  readonly table: IncidentTable;
  readonly rules: CorrelationBook;
  readonly #store: ControlStore;
  readonly #correlator: Correlator;

  constructor(store: ControlStore, configured: ConfiguredCorrelation = DEFAULT_CORRELATION) {
    this.#store = store;
    this.#correlator = new Correlator(configured);
    this.table = new IncidentTable(this.#correlator);
    this.rules = new CorrelationBook(store, configured, (rules) => {
      this.#correlator.rules = rules;
      this.table.recall();
    });
  }

  /** Before anything fires: rules and dependencies. Incidents themselves are loaded with the alerts. */
  async load(): Promise<void> {
    await this.rules.load();
    this.#correlator.graph = new DependencyGraph(await listDependencies(this.#store.db));
  }

  /** From now on the configuration file has these; what was joined stays joined. */
  configure(configured: ConfiguredCorrelation): void {
    this.#correlator.settings = configured;
    this.rules.configure(configured);
  }

  /** What a rule would have joined of what fired in a range, if it were the first. */
  preview(rule: TriedRule, range: TimeRange): Promise<RulePreview> {
    return previewRule(this.#store.db, rule, this.settings.reopenWindowMs, range);
  }

  get settings(): CorrelationSettings {
    return this.#correlator.settings;
  }

  /** Learns who calls whom. */
  async learn(source: DependencySource, now: number, signal: AbortSignal): Promise<void> {
    const seen = await source(signal);
    await saveDependencies(this.#store.db, seen, now, now - REMEMBERED_MS);
    this.#correlator.graph = new DependencyGraph(await listDependencies(this.#store.db));
  }

  /** Newest first, without their episodes; `figuresOf` says how many there are. */
  async list(filter: IncidentFilter): Promise<Incident[]> {
    const rows = await listIncidents(this.#store.db, filter);
    return rows.map((row) => fromStoredIncident(row, []));
  }

  /** Services and numbers of alerts by the id of the incident, of those that have any. */
  async figuresOf(ids: readonly string[]): Promise<ReadonlyMap<string, IncidentFigures>> {
    const figures = new Map<string, IncidentFigures>();
    for (const { incidentId, service, alerts, firing } of await countMembers(this.#store.db, ids)) {
      const before = figures.get(incidentId) ?? { services: [], alerts: 0, firing: 0 };
      figures.set(incidentId, {
        services: service === '' ? before.services : [...before.services, service],
        alerts: before.alerts + alerts,
        firing: before.firing + firing,
      });
    }
    return figures;
  }

  /** How many are open and how many acknowledged. */
  async counts(): Promise<{ open: number; acknowledged: number }> {
    const counts = new Map((await countIncidentsByStatus(this.#store.db)).map(({ status, count }) => [status, count]));
    return { open: Number(counts.get('open') ?? 0), acknowledged: Number(counts.get('acknowledged') ?? 0) };
  }

  /** With its 500 oldest episodes. Throws 404. */
  async get(id: string): Promise<Incident> {
    const row = await findIncident(this.#store.db, id);
    if (!row) throw notFound(`there is no incident with the id ${id}`);
    return fromStoredIncident(row, await listMemberEpisodes(this.#store.db, [id], MOST_MEMBERS));
  }

  causesOf({ members }: Incident): SuspectedCause[] {
    return members.size === 0 ? [] : rankCauses([...members.values()], this.#correlator.graph);
  }

  /** What happened around it, newest first. Throws 404. */
  async timeline(
    id: string,
    page: { readonly after?: TimelinePosition | undefined; readonly limit: number },
    now: number,
  ): Promise<TimelineEntry[]> {
    return readTimeline(this.#store.db, await this.get(id), page, now);
  }

  /** The beginning of a post-mortem, Markdown. Throws 404. */
  async markdown(id: string, url: string, now: number): Promise<string> {
    const incident = await this.get(id);
    const newest = await readTimeline(this.#store.db, incident, { limit: MOST_EXPORTED + 1 }, now);
    const timeline = newest.slice(0, MOST_EXPORTED).reverse();
    const omitted = newest.length > MOST_EXPORTED;
    return incidentMarkdown({ incident, causes: this.causesOf(incident), timeline, omitted, url, now });
  }

  /** Forgets what was resolved before `time`. */
  async prune(time: number): Promise<void> {
    const limit = 200;
    const prune = () => this.#store.transaction((executor) => deleteIncidentsBefore(executor, time, limit));
    while ((await prune()) === limit);
  }
}
