import type { Labels } from '../../model/labels.ts';
import { type Executor, listEpisodes, type StoredEpisode } from '../../stores/control/index.ts';
import type { CompiledMatchers } from '../routing/label-matchers.ts';

/** A rule that is only tried. Times are milliseconds. */
export interface TriedRule {
  readonly matchers: CompiledMatchers;
  readonly keys: readonly string[];
  readonly windowMs: number;
}

/** Alerts that the rule would have joined. */
interface TriedIncident {
  /** The labels that they share. */
  readonly keys: Labels;
  /** In the order in which they fired. */
  readonly episodes: readonly StoredEpisode[];
}

export interface RulePreview {
  /** Alerts of the time that was looked at, and those of them that the rule matches. */
  readonly looked: number;
  readonly matched: number;
  /** True: there were more, and only the newest were looked at. */
  readonly truncated: boolean;
  /** Those of several alerts, the newest first. */
  readonly incidents: readonly TriedIncident[];
}

const MOST_LOOKED_AT = 5000;

/** What the rule would have joined of what has fired since `start`, as the correlator does it, if it were the first. */
export async function previewRule(
  db: Executor,
  rule: TriedRule,
  reopenWindowMs: number,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<RulePreview> {
  const newest = await listEpisodes(db, { start, end, limit: MOST_LOOKED_AT + 1 });
  const looked = newest.slice(0, MOST_LOOKED_AT).sort((a, b) => a.fired_at - b.fired_at || (a.id < b.id ? -1 : 1));
  const found = new Map<string, { keys: Labels; episodes: StoredEpisode[] }[]>();
  let matched = 0;
  for (const episode of looked) {
    const labels = labelsOf(episode);
    if (!rule.keys.every((key) => labels[key]) || !rule.matchers.matches(labels)) continue;
    matched++;
    const keys = Object.fromEntries(rule.keys.map((key) => [key, labels[key]!]));
    const key = JSON.stringify(Object.values(keys));
    const groups = found.get(key) ?? [];
    found.set(key, groups);
    const last = groups.at(-1);
    if (last && takes(last.episodes, episode.fired_at, rule.windowMs, reopenWindowMs)) last.episodes.push(episode);
    else groups.push({ keys, episodes: [episode] });
  }
  const incidents = [...found.values()]
    .flat()
    .filter(({ episodes }) => episodes.length > 1)
    .sort((a, b) => b.episodes[0]!.fired_at - a.episodes[0]!.fired_at);
  return { looked: looked.length, matched, truncated: newest.length > MOST_LOOKED_AT, incidents };
}

/** Whether an alert that fires at `at` joins: something of them fired or ended within the window, and they are not long over. */
function takes(episodes: readonly StoredEpisode[], at: number, windowMs: number, reopenWindowMs: number): boolean {
  let lastHeard = 0;
  let lastEnd = 0;
  let isOpen = false;
  for (const { fired_at, ended_at } of episodes) {
    const hasEnded = ended_at !== null && ended_at <= at;
    lastHeard = Math.max(lastHeard, hasEnded ? ended_at : fired_at);
    if (hasEnded) lastEnd = Math.max(lastEnd, ended_at);
    else isOpen = true;
  }
  return at - lastHeard <= windowMs && (isOpen || at - lastEnd <= reopenWindowMs);
}

function labelsOf({ rule_name: alertname, severity, service, labels }: StoredEpisode): Labels {
  return { alertname, severity, ...(service !== '' && { service }), ...(JSON.parse(labels) as Labels) };
}
