import { newId } from '../../lib/id.ts';
import type { Labels } from '../../model/labels.ts';
import { environmentOf } from '../../model/service.ts';
import {
  type ControlStore,
  deleteInstance,
  type Executor,
  insertAlertEvent,
  insertEpisode,
  saveInstance,
  updateEpisode,
} from '../../stores/control/index.ts';
import type { InstanceState } from '../machine/instance-state.ts';
import type { StepResult, Transition } from '../machine/step.ts';
import type { Moment } from '../notices/alert-facts.ts';
import { type NoticeReason, notice } from '../notices/notice.ts';
import type { NotificationCentre } from '../notices/notification-centre.ts';
import type { AlertRule } from '../rules/alert-rule.ts';
import { fingerprintOf, type Instance, type LiveRule, type OpenEpisode, serviceOf, shownLabels } from './live-rule.ts';

export interface JournalOptions {
  readonly store: ControlStore;
  readonly notifications: NotificationCentre;
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
      const written = await this.#options.store.transaction(async (executor) => {
        if (start === 0) await alongside?.(executor);
        const all: Written[] = [];
        for (const change of part) all.push(await this.#write(executor, change, occasion));
        return all;
      });
      for (const { key, after } of written) remember(live, key, after);
      if (part.some(({ result }) => result.transition)) this.#options.notifications.wake();
    }
    for (const change of changes) if (!isDurable(change)) remember(live, change.key, unchanged(change));
  }

  async #write(executor: Executor, change: Change, occasion: Occasion): Promise<Written> {
    const { key, identity, before, result } = change;
    const fingerprint = before?.fingerprint ?? fingerprintOf(occasion.rule.id, identity);
    const episode = await this.#writeEpisode(executor, change, fingerprint, occasion);
    if (!result.state) {
      await deleteInstance(executor, occasion.rule.id, fingerprint);
      return { key, after: undefined };
    }
    const after = { fingerprint, identity, state: result.state, episode };
    await storeInstance(executor, occasion.rule.id, after, occasion.at);
    return { key, after };
  }

  /** The instance's open episode after the change, or null. */
  async #writeEpisode(
    executor: Executor,
    { identity, before, result }: Change,
    fingerprint: string,
    occasion: Occasion,
  ): Promise<OpenEpisode | null> {
    const { transition } = result;
    const state = result.state ?? before?.state;
    const open = before?.episode ?? null;
    if (!transition || transition.kind === 'pending' || transition.kind === 'dropped' || !state) return open;
    if (transition.kind === 'fired') return this.#open(executor, { identity, fingerprint, state, occasion });
    if (!open) throw new Error(`an instance of ${occasion.rule.id} is ${before?.state.name} without an episode`);
    await updateEpisode(executor, open.id, episodeColumns(transition, state, occasion));
    await this.#event(executor, open.id, transition, state, occasion);
    const instance = { identity, state: { ...state, name: before!.state.name } };
    const reason = noticeReason(transition);
    const ended = transition.kind === 'resolved' ? { at: occasion.at, reason: transition.reason } : null;
    if (reason) await this.#notify(executor, { occasion, instance, episode: open, ended, reason });
    if (transition.kind === 'resolved') return null;
    return transition.kind === 'severity_raised' ? { ...open, acknowledgement: null } : open;
  }

  async #open(
    executor: Executor,
    opening: { identity: Labels; fingerprint: string; state: InstanceState; occasion: Occasion },
  ): Promise<OpenEpisode> {
    const { identity, fingerprint, state, occasion } = opening;
    const { rule, at } = occasion;
    const episode: OpenEpisode = { id: newId(), startedAt: state.startedAt, firedAt: at, acknowledgement: null };
    await insertEpisode(executor, {
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
    });
    await this.#event(executor, episode.id, { kind: 'fired' }, state, occasion);
    await this.#notify(executor, { occasion, instance: { identity, state }, episode, ended: null, reason: 'first' });
    return episode;
  }

  async #event(
    executor: Executor,
    episodeId: string,
    transition: Transition,
    state: InstanceState,
    { rule, at, actor, note }: Occasion,
  ): Promise<void> {
    const { kind, ...facts } = transition;
    const detail = {
      value: state.value,
      severity: state.severity,
      ...facts,
      ...(state.reason === 'no_data' && { cause: 'no_data' }),
      ...(note !== undefined && { note }),
    };
    await insertAlertEvent(executor, {
      id: newId(),
      rule_id: rule.id,
      episode_id: episodeId,
      kind,
      at,
      actor: actor ?? null,
      detail: JSON.stringify(detail),
    });
  }

  async #notify(
    executor: Executor,
    what: {
      occasion: Occasion;
      instance: Pick<Instance, 'identity' | 'state'>;
      episode: OpenEpisode;
      ended: Moment['ended'];
      reason: NoticeReason;
    },
  ): Promise<void> {
    const { occasion, instance, episode, ended, reason } = what;
    const { rule, at } = occasion;
    const request = notice({ rule, instance, episode, ended, now: at }, reason, this.#options.publicUrl);
    const { id, deliveries } = await this.#options.notifications.enqueue(executor, request);
    await insertAlertEvent(executor, {
      id: newId(),
      rule_id: rule.id,
      episode_id: episode.id,
      kind: 'notified',
      at,
      actor: null,
      detail: JSON.stringify({ reason, notification_id: id, deliveries: deliveries.length }),
    });
  }
}

/** Running values are not stored, only what changes the course of things. */
function isDurable({ before, result }: Change): boolean {
  if (result.transition !== undefined || (before !== undefined) !== (result.state !== undefined)) return true;
  return before?.state.severity !== result.state?.severity;
}

function unchanged({ before, result }: Change): Instance | undefined {
  return before && result.state ? { ...before, state: result.state } : undefined;
}

function remember(live: LiveRule, key: string, after: Instance | undefined): void {
  if (after) live.instances.set(key, after);
  else live.instances.delete(key);
}

function noticeReason(transition: Transition): NoticeReason | undefined {
  if (transition.kind === 'severity_raised') return 'severity_up';
  return transition.kind === 'resolved' ? 'resolved' : undefined;
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
  if (rule.condition.kind !== 'threshold') return null;
  const { levels } = rule.condition;
  return (levels.find(({ severity }) => severity === state.severity) ?? levels.at(-1))?.threshold ?? null;
}

/** Writes an instance as it is now. */
export async function storeInstance(executor: Executor, ruleId: string, instance: Instance, at: number): Promise<void> {
  await saveInstance(executor, {
    rule_id: ruleId,
    fingerprint: instance.fingerprint,
    labels: JSON.stringify(instance.identity),
    state: instance.state.name,
    machine: JSON.stringify(instance.state),
    episode_id: instance.episode?.id ?? null,
    updated_at: at,
  });
}
