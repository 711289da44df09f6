import type { Severity } from '../../model/severity.ts';
import type { Executor } from '../../stores/control/index.ts';
import { listEscalationsOf, saveEscalation } from '../../stores/control/index.ts';
import type { NoticeReason } from '../grouping/decide.ts';
import type { RoutedAlert } from '../grouping/routed-alert.ts';
import type { Turn } from '../grouping/turn.ts';
import { begunAnew, type Escalation, fromStoredEscalation, newEscalation, toStoredEscalation } from './escalation.ts';
import { escalationEvents } from './events.ts';
import { ACK_TIMEOUT_MS, ALWAYS, type EscalationPolicy } from './policy.ts';
import type { EscalationPolicyBook } from './policy-book.ts';

/** A group of alerts of which its receiver was just told. */
interface ToldGroup {
  readonly threadId: string;
  /** Ids or names of the policies that the rule and the receiver have chosen. */
  readonly policies: readonly string[];
  readonly reason: NoticeReason;
  readonly firing: readonly RoutedAlert[];
  /** False: somebody has all of them in hand. */
  readonly needsSomebody: boolean;
}

/**
 * Begins escalations, halts and ends them, in the transactions in which that comes about. One escalation is about one
 * group of alerts, under each policy: people are paged once for what they would be told of together.
 */
export class EscalationDesk {
  readonly #policies: EscalationPolicyBook;

  constructor(policies: EscalationPolicyBook) {
    this.#policies = policies;
  }

  /** A group was told: its escalation begins; a severity that rose, or an alert that nobody has in hand, begins it anew. */
  async told({ threadId, policies, reason, firing, needsSomebody }: ToldGroup, turn: Turn): Promise<void> {
    if (policies.length === 0) return;
    const known = (await listEscalationsOf(turn.executor, [threadId])).map(fromStoredEscalation);
    for (const reference of new Set(policies)) {
      const policy = this.#policies.find(reference) ?? missingPolicy(reference);
      const escalation = known.find((one) => one.policy.id === policy.id);
      if (!escalation) {
        if (needsSomebody) await this.#save(turn.executor, newEscalation(threadId, policy, turn.at), turn.at);
        continue;
      }
      const hasRisen = reason === 'severity_up';
      const isOpen = escalation.state === 'acknowledged' && needsSomebody;
      if (!hasRisen && !isOpen) continue;
      await this.#save(turn.executor, begunAnew(escalation, turn.at), turn.at);
      escalationEvents(turn, firing, 'escalation_restarted', {
        policy: policy.name,
        cause: hasRisen ? 'severity_up' : 'new_alerts',
      });
    }
  }

  /** All alerts of the group have ended. */
  async over(threadId: string, turn: Turn): Promise<void> {
    for (const escalation of (await listEscalationsOf(turn.executor, [threadId])).map(fromStoredEscalation)) {
      await this.#save(turn.executor, { ...escalation, state: 'closed', nextAt: null }, turn.at);
    }
  }

  /** Somebody has all alerts of these groups in hand; with the moment at which the first of them needs somebody again. */
  async acknowledged(db: Executor, threads: ReadonlyMap<string, number | null>, now: number): Promise<void> {
    for (const row of await listEscalationsOf(db, [...threads.keys()])) {
      const escalation = fromStoredEscalation(row);
      if (escalation.state === 'closed') continue;
      await this.#save(db, { ...escalation, state: 'acknowledged', nextAt: threads.get(row.thread_id)! }, now);
    }
  }

  /** Until when an acknowledgement holds that does not say so; null: until the alert ends. */
  async ackUntil(db: Executor, threads: readonly string[], severity: Severity, now: number): Promise<number | null> {
    if (severity !== 'critical') return null;
    const timeouts = (await listEscalationsOf(db, threads))
      .map((row) => fromStoredEscalation(row).policy.ackTimeoutMs)
      .filter((timeout) => timeout !== null);
    return timeouts.length === 0 ? null : now + Math.min(...timeouts);
  }

  #save(db: Executor, escalation: Escalation, now: number): Promise<void> {
    return saveEscalation(db, toStoredEscalation({ ...escalation, updatedAt: now }));
  }
}

/** In the place of one that is gone: its only step reaches nobody, so that the default recipients hear of it. */
function missingPolicy(reference: string): EscalationPolicy {
  const step = { delayMs: 300_000, targets: [], urgency: null, conditions: ALWAYS };
  return {
    id: reference,
    name: `${reference} (there is no such policy)`,
    description: '',
    steps: [step],
    repeat: 0,
    fallback: [],
    ackTimeoutMs: ACK_TIMEOUT_MS,
    origin: 'api',
    createdAt: 0,
    updatedAt: 0,
  };
}
