import {
  type EpisodeDelivery,
  type EpisodeFilter,
  type Executor,
  firedEvent,
  listDeliveriesOfEpisodes,
  listEpisodeEvents,
  listEpisodes,
  type StoredAlertEvent,
  type StoredEpisode,
} from '../stores/control/index.ts';
import type { LiveRule } from './evaluation/live-rule.ts';

export type HistoryFilter = EpisodeFilter;

/** An episode with everything that is known of it. */
export interface EpisodeRecord {
  readonly episode: StoredEpisode;
  readonly notifications: readonly EpisodeDelivery[];
  /** Oldest first. */
  readonly events: readonly StoredAlertEvent[];
}

/** Episodes of the filter; of those that are still open, the values of this moment. */
export async function listHistory(
  db: Executor,
  filter: HistoryFilter,
  rules: ReadonlyMap<string, LiveRule>,
): Promise<EpisodeRecord[]> {
  const episodes = await listEpisodes(db, filter);
  const ids = episodes.map(({ id }) => id);
  const events = Map.groupBy(await listEpisodeEvents(db, ids), ({ episode_id }) => episode_id);
  const deliveries = Map.groupBy(await listDeliveriesOfEpisodes(db, ids), ({ episodeId }) => episodeId);
  return episodes.map((episode) => ({
    episode: { ...episode, ...currentValues(episode, rules.get(episode.rule_id)) },
    notifications: deliveries.get(episode.id) ?? [],
    events: withFired(episode, events.get(episode.id) ?? []),
  }));
}

function withFired(episode: StoredEpisode, events: readonly StoredAlertEvent[]): readonly StoredAlertEvent[] {
  return events.some(({ kind }) => kind === 'fired') ? events : [firedEvent(episode), ...events];
}

/** Running values are in memory only until the episode ends. */
function currentValues(episode: StoredEpisode, live: LiveRule | undefined): Partial<StoredEpisode> {
  if (episode.ended_at !== null || !live) return {};
  for (const instance of live.instances.values()) {
    if (instance.fingerprint === episode.fingerprint && instance.episode?.id === episode.id) {
      return { peak_value: instance.state.peak, last_value: instance.state.value };
    }
  }
  return {};
}
