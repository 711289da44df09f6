import { newId } from '../../lib/id.ts';
import type { Severity } from '../../model/severity.ts';
import type { StoredEscalation } from '../../stores/control/index.ts';
import type { EscalationPolicy } from './policy.ts';

/** `followed`: another one has taken its place, and it is there still for those to hear of the end who were told by it. */
type EscalationState = 'waiting' | 'acknowledged' | 'exhausted' | 'followed' | 'closed';

/** Where a policy stands with an incident. Times are Unix milliseconds. */
export interface Escalation {
  /** Under which what it sends runs, as the notifications of an episode do. */
  readonly threadId: string;
  readonly incidentId: string;
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
  /** The worst for which the steps were begun, or that fires since it stands still: a worse one begins them anew. */
  readonly severity: Severity;
  readonly heldBy: string;
  readonly startedAt: number;
  readonly updatedAt: number;
}

type Occasion = Pick<Escalation, 'incidentId' | 'policy' | 'severity'>;

export function newEscalation(occasion: Occasion, now: number): Escalation {
  const times = { dueAt: now, nextAt: now, startedAt: now, updatedAt: now };
  const start = { state: 'waiting', step: 0, loop: 0, last: null, sequence: 0, heldBy: '' } as const;
  return { ...occasion, threadId: newId(), ...start, ...times };
}

/** From the first step on, at once. */
export function begunAnew(escalation: Escalation, severity: Severity, now: number): Escalation {
  const start = { state: 'waiting', step: 0, loop: 0, last: null, heldBy: '' } as const;
  return { ...escalation, ...start, severity, dueAt: now, nextAt: now };
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
    incident_id: escalation.incidentId,
    policy: JSON.stringify(escalation.policy),
    state: escalation.state,
    step: escalation.step,
    loop: escalation.loop,
    last_step: escalation.last?.step ?? null,
    last_loop: escalation.last?.loop ?? 0,
    due_at: escalation.dueAt,
    next_at: escalation.nextAt,
    sequence: escalation.sequence,
    severity: escalation.severity,
    held_by: escalation.heldBy,
    started_at: escalation.startedAt,
    updated_at: escalation.updatedAt,
  };
}

export function fromStoredEscalation(row: StoredEscalation): Escalation {
  return {
    threadId: row.thread_id,
    incidentId: row.incident_id,
    policy: JSON.parse(row.policy) as EscalationPolicy,
    state: row.state as EscalationState,
    step: row.step,
    loop: row.loop,
    last: row.last_step === null ? null : { step: row.last_step, loop: row.last_loop },
    dueAt: row.due_at,
    nextAt: row.next_at,
    sequence: row.sequence,
    severity: row.severity as Severity,
    heldBy: row.held_by,
    startedAt: row.started_at,
    updatedAt: row.updated_at,
  };
}
