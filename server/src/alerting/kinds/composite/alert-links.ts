import { type Labels, labelsKey } from '../../../model/labels.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import { type Executor, listEpisodes } from '../../../stores/control/index.ts';
import { foundInstances, type LiveRule, serviceOf, shownLabels } from '../../evaluation/live-rule.ts';
import type { AlertRule } from '../../rules/alert-rule.ts';
import type { AlertDirectory, PastFiring } from '../rule-kind.ts';

const NOTHING = '';
const MOST_PAST_EPISODES = 2000;

/** Alerts of alerts and those that they are made of: what fires, and who is to look again when that has changed. */
export class AlertLinks {
  readonly #rules: ReadonlyMap<string, LiveRule>;
  readonly #lookAgain: (id: string) => void;
  /** What fired of each alert when it was evaluated last. */
  readonly #before = new Map<string, string>();

  /** Alerts, and those that are made of them. */
  #followers = new Map<string, string[]>();

  constructor(rules: ReadonlyMap<string, LiveRule>, lookAgain: (id: string) => void) {
    this.#rules = rules;
    this.#lookAgain = lookAgain;
  }

  /** `changed`: the alert whose expression is to be bound. */
  directory(changed?: AlertRule): AlertDirectory {
    return {
      alerts: [...this.#rules.values()].map(({ rule }) => ({ id: rule.id, name: rule.name, members: membersOf(rule) })),
      ...(changed && { self: changed.id }),
      ...(changed?.condition.kind === 'alerts' && { bound: changed.condition.members }),
    };
  }

  /** The label sets for which an alert fires, with its service; `undefined` where there is no such alert. */
  firing(id: string): readonly Labels[] | undefined {
    const live = this.#rules.get(id);
    return live && firingOf(live);
  }

  /** What an alert has fired for in a time, its newest 2000 episodes; `undefined` where there is no such alert. */
  async pastFiring(db: Executor, id: string, { start, end }: TimeRange): Promise<readonly PastFiring[] | undefined> {
    const live = this.#rules.get(id);
    if (!live) return undefined;
    const episodes = await listEpisodes(db, { ruleId: id, start, end, limit: MOST_PAST_EPISODES });
    return episodes.map(({ labels, service, fired_at: from, ended_at: until }) => ({
      labels: {
        ...{ alertname: live.rule.name, ...(service !== '' && { service }) },
        ...(JSON.parse(labels) as Labels),
      },
      from,
      until,
    }));
  }

  /** To be told when alerts have come, gone or changed. */
  refresh(): void {
    this.#followers = new Map();
    for (const { rule } of this.#rules.values()) {
      for (const id of membersOf(rule)) this.#followers.set(id, [...(this.#followers.get(id) ?? []), rule.id]);
    }
  }

  /** To be told after each evaluation: those that are made of the alert follow it. */
  evaluated(id: string): void {
    const followers = this.#followers.get(id);
    if (!followers) return void this.#before.delete(id);
    const now = (this.firing(id) ?? []).map(labelsKey).sort().join('\u0000');
    if ((this.#before.get(id) ?? NOTHING) === now) return;
    this.#before.set(id, now);
    for (const follower of followers) this.#lookAgain(follower);
  }
}

function membersOf({ condition }: AlertRule): readonly string[] {
  return condition.kind === 'alerts' ? Object.values(condition.members) : [];
}

function firingOf(live: LiveRule): Labels[] {
  return foundInstances(live)
    .filter(({ state }) => state.name === 'firing' || state.name === 'recovering')
    .map(({ identity }) => {
      const service = serviceOf(live.rule, identity);
      return { alertname: live.rule.name, ...(service !== '' && { service }), ...shownLabels(live.rule, identity) };
    });
}
