import { newId } from '../../lib/id.ts';
import type { Labels } from '../../model/labels.ts';
import { environmentOf } from '../../model/service.ts';
import {
  deleteInstance,
  type Executor,
  type StoredAlertEvent,
  type StoredInstance,
  updateEpisode,
} from '../../stores/control/index.ts';
import type { Dispatcher } from '../grouping/dispatcher.ts';
import type { RoutedAlert } from '../grouping/routed-alert.ts';
import type { Turn } from '../grouping/turn.ts';
import { kindOf } from '../kinds/registry.ts';
import type { InstanceState } from '../machine/instance-state.ts';
import type { StepResult, Transition } from '../machine/step.ts';
import type { Moment } from '../notices/alert-facts.ts';
import { routedAlert } from '../notices/routed-moment.ts';
import type { AlertRule } from '../rules/alert-rule.ts';
import {
  changed,
  fingerprintOf,
  type Instance,
  type LiveRule,
  type OpenEpisode,
  serviceOf,
  shownLabels,
} from './live-rule.ts';

export interface JournalOptions {
  readonly dispatcher: Dispatcher;
  /** Base of the links in notifications. */
  readonly publicUrl: string;
}

/** One instance on its way from one state to the next. */
export interface Change {
  /** `labelsKey` of the identity. */
  readonly key: string;
  readonly identity: Labels;
  readonly before: Instance | undefined;
  readonly result: StepResult;
  /** Filled in by whoever looked; left out: the rule's own templates are filled in. */
  readonly annotations?: Labels | undefined;
}

/** What goes along with changes that a person or a rule's edit has caused. */
export interface Occasion {
  readonly rule: AlertRule;
  /** Unix milliseconds. */
  readonly at: number;
  readonly actor?: string;
  readonly note?: string;
}

/** One change and what becomes of its instance; `undefined`: nothing to remember. */
interface Written {
  readonly key: string;
  readonly after: Instance | undefined;
}

/** Changes in one transaction, so that a storm lets others have their turn. */
const CHANGES_PER_TRANSACTION = 100;

/**
 * Writes what happens to instances: each change's event, its episode, its state and its notifications become durable
 * together, or not at all. What is remembered in memory follows the store, never leads.
 */
export class Journal {
  readonly #options: JournalOptions;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Stores the changes and applies them to the live rule. `alongside` runs in the first transaction. */
  async record(
    live: LiveRule,
    changes: readonly Change[],
    occasion: Occasion,
    alongside?: (executor: Executor) => Promise<void>,
  ): Promise<void> {
    const durable = changes.filter(isDurable);
    for (let start = 0; start < durable.length || (start === 0 && alongside); start += CHANGES_PER_TRANSACTION) {
      const part = durable.slice(start, start + CHANGES_PER_TRANSACTION);
      // What fires together is told together: nothing goes out before the last part.
      const deliver = start + CHANGES_PER_TRANSACTION >= durable.length;
      const write = async (turn: Turn) => {
        if (start === 0) await alongside?.(turn.executor);
        const all: Written[] = [];
        for (const change of part) all.push(await this.#write(turn, change, occasion));
        return all;
      };
      const written = await this.#options.dispatcher.record(occasion.at, write, { deliver });
      for (const { key, after } of written) remember(live, key, after);
    }
    for (const change of changes) if (!isDurable(change)) remember(live, change.key, unchanged(change));
  }

  async #write(turn: Turn, change: Change, occasion: Occasion): Promise<Written> {
    const { key, identity, before, result } = change;
    const fingerprint = before?.fingerprint ?? fingerprintOf(occasion.rule.id, identity);
    const episode = await this.#writeEpisode(turn, change, fingerprint, occasion);
    if (!result.state) {
      await deleteInstance(turn.executor, occasion.rule.id, fingerprint);
      return { key, after: undefined };
    }
    const after = { fingerprint, identity, state: result.state, episode };
    turn.instance(instanceRow(occasion.rule.id, after, occasion.at));
    return { key, after };
  }

  /** The instance's open episode after the change, or null. */
  async #writeEpisode(
    turn: Turn,
    { identity, before, result, annotations }: Change,
    fingerprint: string,
    occasion: Occasion,
  ): Promise<OpenEpisode | null> {
    const { transition } = result;
    const state = result.state ?? before?.state;
    const open = before?.episode ?? null;
    if (!transition || transition.kind === 'pending' || transition.kind === 'dropped' || !state) return open;
    if (transition.kind === 'fired') return this.#open(turn, { identity, fingerprint, state, occasion, annotations });
    if (!open) throw new Error(`an instance of ${occasion.rule.id} is ${before?.state.name} without an episode`);
    await updateEpisode(turn.executor, open.id, episodeColumns(transition, state, occasion));
    turn.event(eventOf(open.id, transition, state, occasion));
    const instance = { identity, state: { ...state, name: before!.state.name } };
    const ended = transition.kind === 'resolved' ? { at: occasion.at, reason: transition.reason } : null;
    const episode = transition.kind === 'severity_raised' ? { ...open, acknowledgement: null } : open;
    const alert = this.#routed({ rule: occasion.rule, instance, episode, ended, now: occasion.at }, annotations);
    if (ended) turn.resolve(alert);
    else if (transition.kind === 'severity_raised' || transition.kind === 'severity_lowered') turn.change(alert);
    return ended ? null : episode;
  }

  async #open(
    turn: Turn,
    opening: {
      identity: Labels;
      fingerprint: string;
      state: InstanceState;
      occasion: Occasion;
      annotations: Labels | undefined;
    },
  ): Promise<OpenEpisode> {
    const { identity, fingerprint, state, occasion, annotations } = opening;
    const { rule, at } = occasion;
    const episode: OpenEpisode = { id: newId(), startedAt: state.startedAt, firedAt: at, acknowledgement: null };
    turn.episode({
      id: episode.id,
      rule_id: rule.id,
      rule_name: rule.name,
      severity: state.severity,
      service: serviceOf(rule, identity),
      environment: environmentOf(shownLabels(rule, identity)),
      fingerprint,
      labels: JSON.stringify(shownLabels(rule, identity)),
      state: 'firing',
      started_at: state.startedAt,
      fired_at: at,
      ended_at: null,
      peak_value: state.peak,
      last_value: state.value,
      threshold: thresholdOf(rule, state),
      acknowledged_by: null,
      acknowledged_at: null,
      acknowledged_until: null,
      resolved_by: null,
      resolve_reason: null,
      incident_id: null,
      joined_at: null,
      join_reason: null,
    });
    turn.event(eventOf(episode.id, { kind: 'fired' }, state, occasion));
    turn.fire(this.#routed({ rule, instance: { identity, state }, episode, ended: null, now: at }, annotations));
    return episode;
  }

  /**
   * Of an alert that others raised, nothing but its end and its care is ours to say; of one from a rule file, the
   * annotations are what its templates gave when its query found it last.
   */
  #routed(moment: Moment, annotations?: Labels): RoutedAlert {
    const { dispatcher, publicUrl } = this.#options;
    const known = dispatcher.table.alerts.get(moment.episode.id);
    if (known && kindOf(moment.rule.condition).raisedBy === 'sender')
      return { ...known, resolvedAt: moment.ended?.at ?? null };
    const alert = routedAlert(moment, publicUrl);
    if (!moment.rule.origin && !annotations) return alert;
    return { ...alert, annotations: annotations ?? known?.annotations ?? {} };
  }
}

function eventOf(
  episodeId: string,
  transition: Transition,
  state: InstanceState,
  { at, actor, note }: Occasion,
): StoredAlertEvent {
  const { kind, ...facts } = transition;
  const detail = {
    value: state.value,
    severity: state.severity,
    ...facts,
    ...(state.reason !== 'condition' && { cause: state.reason }),
    ...(note !== undefined && { note }),
  };
  return {
    id: newId(),
    episode_id: episodeId,
    kind,
    at,
    actor: actor ?? null,
    detail: JSON.stringify(detail),
  };
}

/** Running values are not stored, only what changes the course of things. */
function isDurable({ before, result }: Change): boolean {
  if (result.transition !== undefined || (before !== undefined) !== (result.state !== undefined)) return true;
  return before?.state.severity !== result.state?.severity;
}

function unchanged({ before, result }: Change): Instance | undefined {
  return before && result.state ? changed(before, { state: result.state }) : undefined;
}

function remember(live: LiveRule, key: string, after: Instance | undefined): void {
  if (after) live.instances.set(key, after);
  else live.instances.delete(key);
}

function episodeColumns(transition: Transition, state: InstanceState, { at, actor }: Occasion) {
  const values = { peak_value: state.peak, last_value: state.value };
  switch (transition.kind) {
    case 'resolved':
      return {
        ...values,
        state: 'resolved',
        ended_at: at,
        resolve_reason: transition.reason,
        resolved_by: actor ?? null,
      };
    case 'recovering':
      return { ...values, state: 'recovering' };
    case 'severity_raised': {
      const unacknowledged = { acknowledged_by: null, acknowledged_at: null, acknowledged_until: null };
      return { ...values, ...unacknowledged, state: state.name, severity: state.severity };
    }
    case 'severity_lowered':
      return { ...values, severity: state.severity };
    default:
      return { ...values, state: 'firing' };
  }
}

function thresholdOf(rule: AlertRule, state: InstanceState): number | null {
  const { levels = [] } = rule.condition.comparison ?? {};
  return (levels.find(({ severity }) => severity === state.severity) ?? levels.at(-1))?.threshold ?? null;
}

/** An instance as it is now, as a row. */
export function instanceRow(ruleId: string, instance: Instance, at: number): StoredInstance {
  return {
    rule_id: ruleId,
    fingerprint: instance.fingerprint,
    labels: JSON.stringify(instance.identity),
    state: instance.state.name,
    machine: JSON.stringify(instance.state),
    episode_id: instance.episode?.id ?? null,
    updated_at: at,
  };
}
