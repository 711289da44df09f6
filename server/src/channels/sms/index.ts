import { truncate } from '../../lib/truncate.ts';
import type { Clock } from '../../model/clock.ts';
import type { Channel, ChannelMessage, DeliveryOutcome, SenderPace } from '../channel.ts';
import { type OutgoingHttp, outcomeOfError } from '../outgoing-http.ts';
import { outcomeOfTwilio } from './twilio-outcome.ts';

export { isSignedByTwilio, readTwilioCallback } from './callback.ts';

export interface TwilioOptions {
  readonly accountSid: string;
  readonly authToken: string;
  /** A number in E.164, or the id of a messaging service (`MG...`). */
  readonly from: string;
  /** Default: Twilio's own. */
  readonly apiUrl?: string | undefined;
}

/** Twilio's own bound of a body. */
const BODY_LIMIT = 1600;
/** Seconds after which an SMS that could not be handed over is dropped: late alarms confuse. */
const ALERT_VALIDITY = 600;
const VALIDITY = 14_400;

/** SMS by Twilio's REST API: https://www.twilio.com/docs/messaging/api/message-resource */
export class SmsChannel implements Channel {
  readonly hasDefault = false;
  readonly deduplicates = false;
  readonly timeoutMs = 20_000;
  readonly paceMs = 1000;
  readonly #options: TwilioOptions | undefined;
  readonly #http: OutgoingHttp;
  readonly #clock: Clock;

  constructor(options: TwilioOptions | undefined, http: OutgoingHttp, clock: Clock) {
    this.#options = options;
    this.#http = http;
    this.#clock = clock;
  }

  unavailable(): string | undefined {
    return this.#options ? undefined : 'set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM';
  }

  checkAddress(address: string): string | undefined {
    return /^\+[1-9]\d{6,14}$/.test(address) ? undefined : 'is not a phone number such as +33612345678';
  }

  describe(address: string): string {
    return address;
  }

  endpoint(): string {
    return 'twilio';
  }

  /** Carriers take one message a second of a number; a messaging service has several, and paces them itself. */
  sender(): SenderPace | undefined {
    const from = this.#options?.from;
    return from === undefined || from.startsWith('MG') ? undefined : { name: `sms:${from}`, paceMs: 1000 };
  }

  async send(message: ChannelMessage, address: string, signal: AbortSignal): Promise<DeliveryOutcome> {
    const { accountSid, authToken, from, apiUrl = 'https://api.twilio.com' } = this.#options!;
    const form = new URLSearchParams({
      To: address,
      [from.startsWith('MG') ? 'MessagingServiceSid' : 'From']: from,
      Body: truncate(message.shortText, BODY_LIMIT),
      ValidityPeriod: String(message.episodeId === undefined ? VALIDITY : ALERT_VALIDITY),
      ...(message.callbackUrl !== undefined && { StatusCallback: message.callbackUrl }),
    });
    try {
      const answer = await this.#http.post({
        url: `${apiUrl.replace(/\/$/, '')}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
        },
        body: form.toString(),
        signal,
      });
      return outcomeOfTwilio(answer, this.#clock.now());
    } catch (error) {
      return outcomeOfError(error);
    }
  }

  async close(): Promise<void> {}
}
