/**
 * The points on the way of a delivery between which a process can die. Those "in the transaction" lie before its
 * commit: what they name is gone with the process.
 */
export const DELIVERY_STEPS = [
  'notification written, in the transaction',
  'notification committed',
  'delivery claimed, in the transaction',
  'claim committed',
  'message composed',
  'target answered',
  'end written, in the transaction',
  'end committed',
  'released, in the transaction',
  'release committed',
] as const;

export type DeliveryStep = (typeof DELIVERY_STEPS)[number];

/** Told of every step: how tests end a process just there. */
export type AtStep = (step: DeliveryStep) => void;
