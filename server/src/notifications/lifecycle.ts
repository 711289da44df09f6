import type { DeliveryStatus } from '../model/delivery-status.ts';

/** From the least to the furthest that a notification can have got. */
const PROGRESS: readonly DeliveryStatus[] = [
  'suppressed',
  'canceled',
  'dead',
  'failed',
  'unknown',
  'bundled',
  'scheduled',
  'queued',
  'retrying',
  'sending',
  'sent',
  'delivered',
  'read',
];

/** The state of a notification: the furthest of its deliveries; one for nobody is suppressed. */
export function furthestStatus(statuses: readonly DeliveryStatus[]): DeliveryStatus {
  return statuses.reduce<DeliveryStatus>(
    (best, status) => (PROGRESS.indexOf(status) > PROGRESS.indexOf(best) ? status : best),
    'suppressed',
  );
}

const OPEN: ReadonlySet<DeliveryStatus> = new Set(['queued', 'sending', 'retrying'] as const);

/** True where nothing is left to be done. */
export function isFinal(status: DeliveryStatus): boolean {
  return !OPEN.has(status);
}

/** States in which the target has the message, or may have it, or is going to. */
const REACHED: ReadonlySet<string> = new Set([
  ...['scheduled', 'queued', 'sending', 'retrying', 'bundled', 'sent', 'delivered', 'read', 'unknown'],
]);

export function hasOrWillReach(status: string): boolean {
  return REACHED.has(status);
}

/** How urgent a notification is; also the order in which targets are served. */
export type DeliveryClass = 'page' | 'alert' | 'notice';
const CLASSES: readonly DeliveryClass[] = ['page', 'alert', 'notice'];

export function classOf(notification: { readonly critical: boolean; readonly type: string }): DeliveryClass {
  if (notification.critical) return 'page';
  return /^alert(\.|$)/.test(notification.type) ? 'alert' : 'notice';
}

export function priorityOf(deliveryClass: DeliveryClass): number {
  return CLASSES.indexOf(deliveryClass);
}

const HOUR = 3_600_000;
const DEADLINES: Readonly<Record<DeliveryClass, number>> = { page: HOUR, alert: 6 * HOUR, notice: 24 * HOUR };
/** Programs behind webhooks want everything, and get it late rather than never. */
const WEBHOOK_DEADLINE = 72 * HOUR;

/** Milliseconds for which a delivery is tried again. */
export function retryPeriod(deliveryClass: DeliveryClass, channel: string): number {
  return channel === 'webhook' ? WEBHOOK_DEADLINE : DEADLINES[deliveryClass];
}
