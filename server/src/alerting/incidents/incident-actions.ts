import { newId } from '../../lib/id.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid, ServiceError } from '../../model/errors.ts';
import { type ControlStore, insertIncidentEvents } from '../../stores/control/index.ts';
import { endAll } from '../evaluation/endings.ts';
import type { Journal } from '../evaluation/journal.ts';
import type { LiveRule } from '../evaluation/live-rule.ts';
import type { Dispatcher } from '../grouping/dispatcher.ts';
import type { Turn } from '../grouping/turn.ts';
import { acknowledgeFiring, type Firing, firingOf, type HandAction, inTurns, snoozeFiring } from '../hand-actions.ts';
import type { NotificationCentre } from '../notices/notification-centre.ts';
import type { Incident } from './incident.ts';
import type { IncidentBook } from './incident-book.ts';
import type { IncidentTable } from './incident-table.ts';
import { mergeIncidents, moveMembers } from './move-members.ts';

export interface IncidentActionsOptions {
  readonly incidents: IncidentBook;
  readonly dispatcher: Dispatcher;
  readonly journal: Journal;
  readonly notifications: NotificationCentre;
  readonly store: ControlStore;
  readonly clock: Clock;
  /** Base of the links in notifications. */
  readonly publicUrl: string;
  /** Every rule by its id. */
  readonly rules: ReadonlyMap<string, LiveRule>;
  /** Lets an evaluation that is under way give up its turn. */
  readonly interrupt: (ruleId: string) => void;
}

type Said = Pick<HandAction, 'by' | 'note'>;

/** What people do to incidents and to what fires. Each is written with who did it. Throws 404, 409, 422. */
export class IncidentActions {
  readonly #options: IncidentActionsOptions;

  constructor(options: IncidentActionsOptions) {
    this.#options = options;
  }

  /** Somebody takes care of everything of it that fires; what joins later is in nobody's hand. */
  async acknowledge(id: string, action: HandAction): Promise<void> {
    const incident = await this.#open(id);
    await this.#withFiring(episodesOf(incident), (firing) => {
      if (firing.length === 0) throw nothingFires(incident);
      return acknowledgeFiring(this.#options.dispatcher, firing, action, this.#now());
    });
  }

  /** Nobody hears of what fires of it until then; what still fires then is told once more. */
  async snooze(id: string, action: HandAction & { readonly until: number }): Promise<void> {
    const { by, note, until } = action;
    const incident = await this.#open(id);
    await this.#withFiring(episodesOf(incident), async (firing) => {
      if (firing.length === 0) throw nothingFires(incident);
      await this.#record(id, (own, table, at, turn) => {
        own.snooze = { by, until };
        table.touch(own, at);
        table.note(own, 'snoozed', at, by, { until, note });
        return snoozeFiring(this.#options.dispatcher, turn, firing, action);
      });
    });
  }

  /** Gives it to somebody, who is told in their inbox; null: to nobody. */
  async assign(id: string, to: string | null, { by, note }: Said): Promise<void> {
    await this.#open(id);
    const { notifications, publicUrl } = this.#options;
    await this.#record(id, async (incident, table, at, turn) => {
      incident.assignee = to;
      table.touch(incident, at);
      table.note(incident, 'assigned', at, by, { to, note });
      if (to === null || to === by) return;
      await notifications.enqueue(turn.executor, {
        type: 'incident.assigned',
        severity: incident.severity,
        subject: `Assigned to you: ${incident.title}`,
        message: [
          `${by} assigned the incident ${incident.title} to you.`,
          ...(note === undefined ? [] : [note]),
          `${publicUrl.replace(/\/$/, '')}/incidents/${id}`,
        ].join('\n\n'),
        data: { incident_id: id, assigned_by: by },
        users: [to],
        addresses: [],
        defaultRecipients: false,
        channels: ['in_app'],
        critical: false,
        incidentId: id,
      });
    });
    notifications.wake();
  }

  /** Adds a note; also to one that is resolved. */
  async comment(id: string, { by, note }: Said & { readonly note: string }): Promise<void> {
    const { incidents, store } = this.#options;
    await incidents.get(id);
    const detail = JSON.stringify({ note });
    const row = { id: newId(), incident_id: id, at: this.#now(), kind: 'commented', actor: by, detail };
    await insertIncidentEvents(store.db, [row]);
  }

  /** Ends everything of it that fires; each alert stays closed until its condition was clear once, or until `until`. */
  async resolve(id: string, action: HandAction): Promise<void> {
    const incident = await this.#open(id);
    await this.#withFiring(episodesOf(incident), async (firing) => {
      if (firing.length === 0) throw nothingFires(incident);
      await this.#end(firing, action, (at) => {
        const own = this.#options.incidents.table.incidents.get(id);
        if (!own) return;
        own.resolvedBy = action.by;
        this.#options.incidents.table.touch(own, at);
      });
    });
  }

  /** Its alerts go on under another incident. */
  async merge(id: string, into: string, { by, note }: Said): Promise<void> {
    if (id === into) throw invalid({ path: 'into', message: 'is the same incident' });
    await this.#open(id);
    await this.#open(into, 'into');
    await this.#record(id, (incident, table, at) => {
      const target = open(table, into);
      const why = `merged by ${by} from ${incident.title}`;
      mergeIncidents(table, { from: incident, to: target, by, why, note }, at);
    });
  }

  /** Some of its alerts go on as an incident of their own, whose id is answered. */
  async split(id: string, episodeIds: readonly string[], { by, note }: Said): Promise<string> {
    await this.#open(id);
    return this.#record(id, async (incident, table, at) => {
      const wanted = [...new Set(episodeIds)];
      const strange = wanted.find((episodeId) => !incident.members.has(episodeId));
      if (strange !== undefined) {
        throw invalid({ path: 'episode_ids', message: `the incident has no episode with the id ${strange}` });
      }
      if (wanted.length === incident.members.size) {
        throw invalid({ path: 'episode_ids', message: 'are all of its alerts: leave at least one' });
      }
      const target = table.open(incident.members.get(wanted[0]!)!, at);
      const text = `split by ${by} from ${incident.title}`;
      moveMembers(table, incident, target, wanted, { kind: 'split', text }, at);
      table.note(incident, 'split', at, by, { into: target.id, title: target.title, alerts: wanted.length, note });
      table.note(target, 'split', at, by, { from: id, title: incident.title, note });
      table.moved({ kind: 'split', from: incident, to: target });
      table.closeIfOver(incident, at);
      table.closeIfOver(target, at);
      table.recall();
      return target.id;
    });
  }

  /** One episode, or all that fires of a rule. `false` where nothing of it fires. */
  async acknowledgeAlerts(which: Which, action: HandAction): Promise<boolean> {
    return this.#some(which, (firing) => acknowledgeFiring(this.#options.dispatcher, firing, action, this.#now()));
  }

  /** As `acknowledgeAlerts`. */
  async snoozeAlerts(which: Which, action: HandAction & { readonly until: number }): Promise<boolean> {
    const { dispatcher } = this.#options;
    return this.#some(which, (firing) =>
      dispatcher.record(this.#now(), (turn) => snoozeFiring(dispatcher, turn, firing, action)),
    );
  }

  /** As `acknowledgeAlerts`. */
  async resolveAlerts(which: Which, action: HandAction): Promise<boolean> {
    return this.#some(which, (firing) => this.#end(firing, action));
  }

  async #some({ ruleId, episodeId }: Which, work: (firing: readonly Firing[]) => Promise<void>): Promise<boolean> {
    const only = episodeId === undefined ? undefined : new Set([episodeId]);
    return this.#withFiring(
      only,
      async (firing) => {
        if (firing.length === 0) return false;
        await work(firing);
        return true;
      },
      ruleId,
    );
  }

  /** Ends what fires, a rule at a time. */
  async #end(firing: readonly Firing[], { by, note, until }: HandAction, first?: (at: number) => void): Promise<void> {
    const at = this.#now();
    for (const [live, own] of Map.groupBy(firing, (one) => one.live)) {
      const keys = new Set(own.map(({ key }) => key));
      const changes = endAll(live, 'resolved_by_hand', at, { until }).filter(({ key }) => keys.has(key));
      const occasion = { rule: live.rule, at, actor: by, ...(note !== undefined && { note }) };
      await this.#options.journal.record(live, changes, occasion, async () => first?.(at));
    }
  }

  /** Holds the turns of the rules of what fires. */
  async #withFiring<Result>(
    episodeIds: ReadonlySet<string> | undefined,
    work: (firing: readonly Firing[]) => Promise<Result>,
    ruleId?: string,
  ): Promise<Result> {
    const { rules, interrupt } = this.#options;
    const all = ruleId === undefined ? rules.values() : [rules.get(ruleId)].filter((live) => live !== undefined);
    const lives = [...new Set(firingOf(all, episodeIds).map(({ live }) => live))];
    for (const { rule } of lives) interrupt(rule.id);
    return inTurns(lives, () =>
      work(
        firingOf(
          lives.filter((live) => !live.isGone),
          episodeIds,
        ),
      ),
    );
  }

  #record<Result>(
    id: string,
    work: (incident: Incident, table: IncidentTable, at: number, turn: Turn) => Promise<Result> | Result,
  ): Promise<Result> {
    const { dispatcher, incidents } = this.#options;
    return dispatcher.record(this.#now(), async (turn) =>
      work(open(incidents.table, id), incidents.table, turn.at, turn),
    );
  }

  /** Throws 404, 409 where it is resolved. */
  async #open(id: string, path?: string): Promise<Incident> {
    const { incidents } = this.#options;
    try {
      await incidents.get(id);
    } catch (error) {
      if (path !== undefined && error instanceof ServiceError) throw invalid({ path, message: error.message });
      throw error;
    }
    return open(incidents.table, id);
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

/** What an action is about; of a rule everything that fires. */
export interface Which {
  readonly ruleId?: string;
  readonly episodeId?: string;
}

function episodesOf({ members }: Incident): ReadonlySet<string> {
  return new Set([...members.values()].filter(({ endedAt }) => endedAt === null).map(({ episodeId }) => episodeId));
}

function open(table: IncidentTable, id: string): Incident {
  const incident = table.incidents.get(id);
  if (incident && incident.mergedInto === null && incident.resolvedAt === null) return incident;
  throw new ServiceError('conflict', `the incident ${incident?.title ?? id} is resolved`);
}

function nothingFires({ title }: Incident): ServiceError {
  return new ServiceError('conflict', `nothing fires of the incident ${title}`);
}
