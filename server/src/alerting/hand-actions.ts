import { newId } from '../lib/id.ts';
import { ServiceError } from '../model/errors.ts';
import { updateEpisode } from '../stores/control/index.ts';
import type { Acknowledgement, LiveRule } from './evaluation/live-rule.ts';
import type { Dispatcher } from './grouping/dispatcher.ts';

/** What a person does to an alert. */
export interface HandAction {
  readonly by: string;
  readonly note?: string | undefined;
  /** Unix milliseconds; null: no end. */
  readonly until: number | null;
}

/** Acknowledges every open episode of the rule. Throws 409 where there is none. */
export async function acknowledgeEpisodes(
  dispatcher: Dispatcher,
  live: LiveRule,
  action: HandAction,
  now: number,
): Promise<void> {
  const open = [...live.instances].filter(([, { episode }]) => episode !== null);
  if (open.length === 0) throw new ServiceError('conflict', `nothing fires of the alert ${live.rule.name}`);
  const { by, note } = action;
  const acknowledgements = await dispatcher.record(now, async (turn) => {
    const made = new Map<string, Acknowledgement>();
    for (const id of new Set(open.map(([, { episode }]) => episode!.id))) {
      const until = action.until ?? (await dispatcher.ackUntil(turn.executor, id, now));
      made.set(id, { by, at: now, until });
      const columns = { acknowledged_by: by, acknowledged_at: now, acknowledged_until: until };
      await updateEpisode(turn.executor, id, columns);
      turn.event({
        id: newId(),
        rule_id: live.rule.id,
        episode_id: id,
        kind: 'acknowledged',
        at: now,
        actor: by,
        detail: JSON.stringify({ ...(note !== undefined && { note }), ...(until !== null && { until }) }),
      });
    }
    await dispatcher.acknowledge(turn.executor, made);
    dispatcher.incidents.acknowledge(made, note);
    return made;
  });
  for (const [key, instance] of open) {
    const acknowledgement = acknowledgements.get(instance.episode!.id)!;
    live.instances.set(key, { ...instance, episode: { ...instance.episode!, acknowledgement } });
  }
}
