import { newId } from '../lib/id.ts';
import { updateEpisode } from '../stores/control/index.ts';
import { type Acknowledgement, changed, type Instance, type LiveRule } from './evaluation/live-rule.ts';
import type { Dispatcher } from './grouping/dispatcher.ts';
import type { Turn } from './grouping/turn.ts';
import { kindOf } from './kinds/registry.ts';

/** What a person does to an alert. */
export interface HandAction {
  readonly by: string;
  readonly note?: string | undefined;
  /** Unix milliseconds; null: no end. */
  readonly until: number | null;
}

/** An instance that fires. */
export interface Firing {
  readonly live: LiveRule;
  readonly key: string;
  readonly instance: Instance & { readonly episode: NonNullable<Instance['episode']> };
}

/** What fires of these rules; of `episodeIds` alone where they are given. */
export function firingOf(rules: Iterable<LiveRule>, episodeIds?: ReadonlySet<string>): Firing[] {
  const firing: Firing[] = [];
  for (const live of rules) {
    for (const [key, instance] of live.instances) {
      if (hasEpisode(instance) && (episodeIds?.has(instance.episode.id) ?? true)) firing.push({ live, key, instance });
    }
  }
  return firing;
}

function hasEpisode(instance: Instance): instance is Firing['instance'] {
  return instance.episode !== null;
}

/** Holds the turns of several rules at once: always in the same order, so that two who do so cannot wait for each other. */
export function inTurns<Result>(rules: Iterable<LiveRule>, work: () => Promise<Result>): Promise<Result> {
  const rank = ({ rule }: LiveRule) => (kindOf(rule.condition).raisedBy === 'sender' ? '' : rule.id);
  const ordered = [...rules].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  const turns = [...new Set(ordered.map((live) => live.turns))];
  const hold = (index: number): Promise<Result> => turns[index]?.run(() => hold(index + 1)) ?? work();
  return hold(0);
}

/** Acknowledges what fires, in one transaction. */
export async function acknowledgeFiring(
  dispatcher: Dispatcher,
  firing: readonly Firing[],
  { by, note, until: wanted }: HandAction,
  now: number,
): Promise<void> {
  const acknowledgements = await dispatcher.record(now, async (turn) => {
    const made = new Map<string, Acknowledgement>();
    for (const { instance } of firing) {
      const { id } = instance.episode;
      const until = wanted ?? (await dispatcher.ackUntil(turn.executor, id, now));
      made.set(id, { by, at: now, until });
      const columns = { acknowledged_by: by, acknowledged_at: now, acknowledged_until: until };
      await updateEpisode(turn.executor, id, columns);
      noteOf(turn, id, 'acknowledged', { by, note, until });
    }
    await dispatcher.acknowledge(turn.executor, made);
    dispatcher.incidents.acknowledge(made, note);
    return made;
  });
  for (const { live, key, instance } of firing) {
    const acknowledgement = acknowledgements.get(instance.episode.id)!;
    live.instances.set(key, changed(instance, { episode: { ...instance.episode, acknowledgement } }));
  }
}

/** Lets nobody hear of what fires until then, within a transaction. */
export async function snoozeFiring(
  dispatcher: Dispatcher,
  turn: Turn,
  firing: readonly Firing[],
  action: HandAction & { readonly until: number },
): Promise<void> {
  for (const { instance } of firing) noteOf(turn, instance.episode.id, 'snoozed', action);
  const ids = firing.map(({ instance }) => instance.episode.id);
  await dispatcher.snooze(turn.executor, ids, { by: action.by, until: action.until });
}

function noteOf(turn: Turn, episodeId: string, kind: string, { by, note, until }: HandAction): void {
  turn.event({
    id: newId(),
    episode_id: episodeId,
    kind,
    at: turn.at,
    actor: by,
    detail: JSON.stringify({ ...(note !== undefined && { note }), ...(until !== null && { until }) }),
  });
}
