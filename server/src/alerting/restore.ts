import type { Serial } from '../lib/serial.ts';
import { type Labels, labelsKey } from '../model/labels.ts';
import {
  type Executor,
  findMark,
  listInstances,
  listOpenEpisodes,
  listRules,
  listSeenSeries,
  type StoredEpisode,
  type StoredInstance,
} from '../stores/control/index.ts';
import { acknowledgementOf, type Instance, type LiveRule, liveRule, type OpenEpisode } from './evaluation/live-rule.ts';
import { kindOf } from './kinds/registry.ts';
import type { InstanceState } from './machine/instance-state.ts';
import { fromStored } from './rules/stored-rule.ts';

/** The mark that says until when evaluations are known to have gone on. */
export const ALIVE_MARK = 'alerting.alive';

/** All rules as they were left, with their instances and open episodes. */
export async function restoreRules(db: Executor, now: number, externalTurns: Serial): Promise<LiveRule[]> {
  const [rules, instances, episodes] = [await listRules(db), await listInstances(db), await listOpenEpisodes(db)];
  const aliveUntil = (await findMark(db, ALIVE_MARK)) ?? 0;
  const byId = new Map(episodes.map((episode) => [episode.id, episode]));
  const live = new Map(
    rules.map((row) => {
      const rule = fromStored(row);
      return [row.id, liveRule(rule, now, kindOf(rule.condition).raisedBy === 'sender' ? externalTurns : undefined)];
    }),
  );
  for (const row of instances) {
    const instance = restoreInstance(row, byId, aliveUntil);
    const rule = live.get(row.rule_id);
    const isExternal = rule !== undefined && kindOf(rule.rule.condition).raisedBy === 'sender';
    rule?.instances.set(isExternal ? row.fingerprint : labelsKey(instance.identity), instance);
  }
  for (const { rule_id, labels, silent_since } of await listSeenSeries(db)) {
    const identity = JSON.parse(labels) as Labels;
    // Time in which nobody looked is no silence.
    const at = silent_since === null ? now : now - Math.max(0, aliveUntil - silent_since);
    live.get(rule_id)?.seen.set(labelsKey(identity), { identity, at, isSilent: silent_since !== null });
  }
  return [...live.values()];
}

function restoreInstance(
  row: StoredInstance,
  episodes: ReadonlyMap<string, StoredEpisode>,
  aliveUntil: number,
): Instance {
  const episode = row.episode_id === null ? undefined : episodes.get(row.episode_id);
  return {
    fingerprint: row.fingerprint,
    identity: JSON.parse(row.labels) as Record<string, string>,
    state: upToDate(JSON.parse(row.machine) as InstanceState, aliveUntil),
    episode: episode ? openEpisode(episode) : null,
  };
}

/**
 * A state is stored when it changes; that it then went on until the last sign of life is what the sign is for. The time
 * that nobody looked is left to the state machine.
 */
function upToDate(state: InstanceState, aliveUntil: number): InstanceState {
  const unseen = aliveUntil - state.observedAt;
  if (unseen <= 0) return state;
  return { ...state, heldMs: state.heldMs + (state.missing ? 0 : unseen), observedAt: aliveUntil };
}

function openEpisode(row: StoredEpisode): OpenEpisode {
  return { id: row.id, startedAt: row.started_at, firedAt: row.fired_at, acknowledgement: acknowledgementOf(row) };
}
