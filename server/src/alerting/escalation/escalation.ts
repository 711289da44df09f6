import type { StoredEscalation } from '../../stores/control/index.ts';
import type { EscalationPolicy } from './policy.ts';

type EscalationState = 'waiting' | 'acknowledged' | 'exhausted' | 'closed';

/** Where a policy stands with one group of alerts. Times are Unix milliseconds. */
export interface Escalation {
  /** The episode under which the group's notifications run. */
  readonly threadId: string;
  /** As it was when the escalation began. */
  readonly policy: EscalationPolicy;
  readonly state: EscalationState;
  readonly step: number;
  readonly loop: number;
  /** The step that ran last, where it is to begin again. */
  readonly last: { readonly step: number; readonly loop: number } | null;
  /** When the next step fell or falls due. */
  readonly dueAt: number;
  /** When to look at it again; null: when something happens. */
  readonly nextAt: number | null;
  readonly sequence: number;
  readonly heldBy: string;
  readonly startedAt: number;
  readonly updatedAt: number;
}

export function newEscalation(threadId: string, policy: EscalationPolicy, now: number): Escalation {
  const times = { dueAt: now, nextAt: now, startedAt: now, updatedAt: now };
  return { threadId, policy, state: 'waiting', step: 0, loop: 0, last: null, sequence: 0, heldBy: '', ...times };
}

/** From the first step on, at once. */
export function begunAnew(escalation: Escalation, now: number): Escalation {
  return { ...escalation, state: 'waiting', step: 0, loop: 0, last: null, dueAt: now, nextAt: now, heldBy: '' };
}

/** The step that ran last runs again, at once. */
export function resumed(escalation: Escalation, now: number): Escalation {
  const { step, loop } = escalation.last ?? { step: 0, loop: 0 };
  return { ...escalation, state: 'waiting', step, loop, dueAt: now, nextAt: now };
}

export function toStoredEscalation(escalation: Escalation): StoredEscalation {
  return {
    thread_id: escalation.threadId,
    policy_id: escalation.policy.id,
    policy: JSON.stringify(escalation.policy),
    state: escalation.state,
    step: escalation.step,
    loop: escalation.loop,
    last_step: escalation.last?.step ?? null,
    last_loop: escalation.last?.loop ?? 0,
    due_at: escalation.dueAt,
    next_at: escalation.nextAt,
    sequence: escalation.sequence,
    held_by: escalation.heldBy,
    started_at: escalation.startedAt,
    updated_at: escalation.updatedAt,
  };
}

export function fromStoredEscalation(row: StoredEscalation): Escalation {
  return {
    threadId: row.thread_id,
    policy: JSON.parse(row.policy) as EscalationPolicy,
    state: row.state as EscalationState,
    step: row.step,
    loop: row.loop,
    last: row.last_step === null ? null : { step: row.last_step, loop: row.last_loop },
    dueAt: row.due_at,
    nextAt: row.next_at,
    sequence: row.sequence,
    heldBy: row.held_by,
    startedAt: row.started_at,
    updatedAt: row.updated_at,
  };
}
