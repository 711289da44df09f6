import type { DeliveryOutcome, DeliveryReason } from '../channel.ts';
import { jsonObject } from '../json-object.ts';
import { type OutgoingAnswer, outcomeOfStatus } from '../outgoing-http.ts';

/** Twilio's codes that say more than the status: https://www.twilio.com/docs/api/errors */
const PERMANENT: Readonly<Record<number, DeliveryReason>> = {
  20003: 'authentication',
  21211: 'address_rejected',
  21408: 'address_rejected',
  21610: 'unsubscribed',
  21612: 'address_rejected',
  21614: 'address_rejected',
  21617: 'too_large',
};
const TEMPORARY = new Set([20429, 30001, 30008]);

export function outcomeOfTwilio(answer: OutgoingAnswer, now: number): DeliveryOutcome {
  const outcome = outcomeOfStatus(answer, now);
  const body = jsonObject(answer.body);
  if (outcome.outcome === 'sent') {
    return typeof body.sid === 'string' ? { ...outcome, providerId: body.sid } : outcome;
  }
  if (typeof body.code !== 'number') return outcome;
  const detail = `${outcome.detail}: Twilio ${body.code}${typeof body.message === 'string' ? ` ${oneLine(body.message)}` : ''}`;
  const reason = PERMANENT[body.code];
  if (reason === 'authentication') return { outcome: 'retry', reason, detail, endpoint: 'open' };
  if (reason !== undefined) return { outcome: 'failed', reason, detail };
  if (TEMPORARY.has(body.code) && outcome.outcome === 'failed') {
    return { outcome: 'retry', reason: 'server_error', detail };
  }
  return { ...outcome, detail };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 200);
}
