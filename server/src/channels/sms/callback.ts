import { createHmac, timingSafeEqual } from 'node:crypto';
import type { DeliveryReason } from '../channel.ts';

type Fields = Readonly<Record<string, string>>;

/** What Twilio tells: what became of a message, or that somebody has answered. */
export type TwilioNews =
  | { readonly kind: 'delivered' | 'read'; readonly messageId: string }
  | { readonly kind: 'failed'; readonly messageId: string; readonly reason: DeliveryReason; readonly detail: string }
  | { readonly kind: 'stop' | 'start'; readonly number: string }
  | { readonly kind: 'nothing' };

/** https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out */
const STOP = new Set(['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT']);
const START = new Set(['START', 'YES', 'UNSTOP']);

const REASONS: Readonly<Record<string, DeliveryReason>> = {
  21610: 'unsubscribed',
  30003: 'address_rejected',
  30004: 'address_rejected',
  30005: 'address_rejected',
  30006: 'address_rejected',
};

/**
 * Whether Twilio has signed this form: the URL as Twilio knows it, followed by each field and its value, sorted.
 * Behind a proxy several URLs may be meant, with and without their port.
 * https://www.twilio.com/docs/usage/security#validating-requests
 */
export function isSignedByTwilio(
  authToken: string,
  urls: readonly string[],
  fields: Fields,
  signature: string,
): boolean {
  const given = Buffer.from(signature, 'base64');
  const text = Object.keys(fields)
    .sort()
    .map((name) => name + fields[name])
    .join('');
  return urls.flatMap(withAndWithoutPort).some((url) => {
    const right = createHmac('sha1', authToken)
      .update(url + text)
      .digest();
    return given.length === right.length && timingSafeEqual(given, right);
  });
}

function withAndWithoutPort(url: string): string[] {
  const parts = /^(https?):\/\/([^/]+?)(?::(\d+))?(\/.*)?$/i.exec(url);
  if (!parts) return [url];
  const [, scheme = '', host = '', port = scheme === 'https' ? '443' : '80', rest = ''] = parts;
  return [`${scheme}://${host}${rest}`, `${scheme}://${host}:${port}${rest}`];
}

/** https://www.twilio.com/docs/messaging/guides/track-outbound-message-status */
export function readTwilioCallback(fields: Fields): TwilioNews {
  const { MessageSid: messageId = '', MessageStatus: status, ErrorCode: code = '' } = fields;
  if (status === 'delivered' || status === 'read') return { kind: status, messageId };
  if (status === 'failed' || status === 'undelivered') {
    const detail = `Twilio says ${status}${/^\d{1,6}$/.test(code) ? `: error ${code}` : ''}`;
    return { kind: 'failed', messageId, reason: REASONS[code] ?? 'rejected', detail };
  }
  const number = fields.From ?? '';
  if (status !== undefined || number === '') return { kind: 'nothing' };
  const word = (fields.OptOutType ?? fields.Body ?? '').trim().toUpperCase();
  if (STOP.has(word)) return { kind: 'stop', number };
  return START.has(word) ? { kind: 'start', number } : { kind: 'nothing' };
}
