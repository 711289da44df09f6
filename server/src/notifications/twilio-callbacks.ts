import { isSignedByTwilio, readTwilioCallback } from '../channels/index.ts';
import type { Clock } from '../model/clock.ts';
import { ServiceError } from '../model/errors.ts';
import { type ControlStore, settleByProvider } from '../stores/control/index.ts';
import type { Suppressions } from './suppressions.ts';

/** A form that says it is from Twilio. */
export interface TwilioCallback {
  /** `sms`, or the id of a configured channel. */
  readonly channel: string;
  /** The request's own; behind a proxy Twilio may have called `publicUrl` instead. */
  readonly urls: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
  readonly signature: string;
}

export interface TwilioCallbacksOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly suppressions: Suppressions;
  readonly publicUrl: string | undefined;
  /** The token of a channel, or `undefined` where there is none. */
  readonly tokenOf: (channel: string) => string | undefined;
}

/** What Twilio tells of its own accord: what became of messages, and who wants no more of them. */
export class TwilioCallbacks {
  readonly #options: TwilioCallbacksOptions;

  constructor(options: TwilioCallbacksOptions) {
    this.#options = options;
  }

  /** Throws `forbidden` where Twilio has not signed it. What is not of interest is passed over. */
  async take({ channel, urls, fields, signature }: TwilioCallback): Promise<void> {
    const { store, clock, suppressions, publicUrl, tokenOf } = this.#options;
    const ours = publicUrl === undefined ? [] : [twilioCallbackUrl(publicUrl, channel)];
    const token = tokenOf(channel);
    if (token === undefined || !isSignedByTwilio(token, [...ours, ...urls], fields, signature)) {
      const hint = `set PUBLIC_URL to the address that Twilio calls, and TRUST_PROXY behind a proxy`;
      throw new ServiceError('forbidden', `the signature of the request is not right; ${hint}`);
    }
    const news = readTwilioCallback(fields);
    switch (news.kind) {
      case 'delivered':
      case 'read': {
        const from = news.kind === 'read' ? ['sent', 'unknown', 'delivered'] : ['sent', 'unknown'];
        const message = { channel: 'sms', providerId: news.messageId, from };
        await settleByProvider(store.db, message, { status: news.kind, delivered_at: clock.now() });
        return;
      }
      case 'failed': {
        const message = { channel: 'sms', providerId: news.messageId, from: ['sent', 'unknown'] };
        await settleByProvider(store.db, message, { status: 'failed', reason: news.reason, detail: news.detail });
        return;
      }
      case 'stop': {
        const target = { channel: 'sms', address: news.number, type: '' as const };
        await suppressions.add(target, 'unsubscribed', 'answered STOP');
        return;
      }
      case 'start':
        // Twilio repeats itself: nothing to remove is no mistake.
        await suppressions.remove('sms', news.number).catch(() => undefined);
        return;
      default:
    }
  }
}

export function twilioCallbackUrl(publicUrl: string, channel: string): string {
  return `${publicUrl.replace(/\/$/, '')}/api/notifications/callbacks/twilio/${encodeURIComponent(channel)}`;
}
