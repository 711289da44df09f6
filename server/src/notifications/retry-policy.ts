import type { DeliveryOutcome } from '../channels/index.ts';
import { backoffDelay } from '../lib/backoff.ts';
import type { DeliveryChange, StoredDelivery } from '../stores/control/index.ts';

const BACKOFF = { base: 2000, cap: 15 * 60_000 };
/** Priorities up to this one are alerts: for them twice is better than never. */
const ALERT_PRIORITY = 1;

/** What an attempt's outcome means for its delivery. Pure: the same arguments, the same change. */
export function changeAfter(
  outcome: DeliveryOutcome,
  delivery: StoredDelivery,
  context: { readonly now: number; readonly deduplicates: boolean; readonly random: () => number },
): DeliveryChange {
  if (outcome.outcome === 'sent') {
    return {
      status: 'sent',
      is_open: 0,
      reason: null,
      detail: outcome.detail ?? null,
      sent_at: context.now,
      ...(outcome.providerId !== undefined && { provider_id: outcome.providerId }),
    };
  }
  const { reason, detail } = outcome;
  if (outcome.outcome === 'failed') return { status: 'failed', is_open: 0, reason, detail };
  if (outcome.mayHaveArrived && !mayRepeat(delivery, context.deduplicates)) {
    return { status: 'unknown', is_open: 0, reason, detail: `${detail}; it may have arrived, so it is not repeated` };
  }
  const delay = Math.max(
    outcome.retryAfterMs ?? 0,
    // Doubts wait at least a moment: an answer that was lost is no reason to hurry.
    backoffDelay(delivery.attempt_count - 1, BACKOFF, context.random),
  );
  if (context.now >= delivery.deadline_at) {
    return {
      status: 'dead',
      is_open: 0,
      reason,
      detail: `given up after ${delivery.attempt_count} attempts: ${detail}`,
    };
  }
  // The last attempt is made at the deadline itself, whatever the pauses have grown to.
  const nextAt = Math.max(
    context.now + (outcome.retryAfterMs ?? 0),
    Math.min(context.now + delay, delivery.deadline_at),
  );
  return { status: 'retrying', is_open: 1, reason, detail, next_at: nextAt };
}

/** Whether something that may have arrived is sent again. */
export function mayRepeat(delivery: StoredDelivery, deduplicates: boolean): boolean {
  return deduplicates || delivery.priority <= ALERT_PRIORITY;
}
