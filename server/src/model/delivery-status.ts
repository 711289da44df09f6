/** States of the delivery of a notification to one target. */
export const DELIVERY_STATUSES = [
  /** It waits for its time: `reason` says for what. */
  'scheduled',
  'queued',
  'sending',
  'retrying',
  /** The provider has taken it. */
  'sent',
  /** It has arrived. */
  'delivered',
  'read',
  /** The target has refused it for good. */
  'failed',
  /** Given up after many attempts. */
  'dead',
  /** Never meant to leave: the reason stands beside it. */
  'suppressed',
  /** Overtaken by events while it waited. */
  'canceled',
  /** Told together with others in one message. */
  'bundled',
  /** It may have arrived, and is not repeated. */
  'unknown',
] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];
