import type { Severity } from '../model/severity.ts';

/** What a channel has to say, whatever the words and the form of its target. All texts are plain: channels escape. */
export interface ChannelMessage {
  /** The same for every attempt: what targets that can do so recognise a repetition by. */
  readonly deliveryId: string;
  readonly notificationId: string;
  readonly type: string;
  readonly severity: Severity;
  readonly subject: string;
  readonly message: string;
  /** For channels that count characters. */
  readonly shortText: string;
  /** Subject of a mail: the same for all mails of a thread. */
  readonly mailSubject: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly links: readonly { readonly label: string; readonly url: string }[];
  /** True for good news: a resolve. */
  readonly good: boolean;
  /** When it was said, Unix milliseconds. */
  readonly createdAt: number;
  readonly alertId: string | undefined;
  readonly episodeId: string | undefined;
  readonly incidentId: string | undefined;
  /** True for the first message of the episode to this target. */
  readonly startsThread: boolean;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  /** The provider's id of the first message of the episode to this target, for channels with `threads`. */
  readonly threadRoot?: string | undefined;
  /** Where the provider tells what becomes of it. */
  readonly callbackUrl?: string | undefined;
  /** Where its reader can ask for no more of the kind, by one click (RFC 8058). */
  readonly unsubscribeUrl?: string | undefined;
}

/** Why a message did not get through. Also the label of metrics: a closed set. */
export type DeliveryReason =
  /** No connection: name unknown, refused, reset, TLS. */
  | 'connection'
  | 'timeout'
  | 'rate_limited'
  /** The target's own trouble. */
  | 'server_error'
  /** The target refuses for now: greylisting, mailbox full. */
  | 'temporary_refusal'
  /** Our credentials are wrong. */
  | 'authentication'
  /** The endpoint is no longer there. */
  | 'endpoint_gone'
  | 'address_rejected'
  /** Its owner asked to be left alone. */
  | 'unsubscribed'
  /** The target does not take this message. */
  | 'rejected'
  | 'too_large'
  /** The address lies where we do not send: internal networks. */
  | 'forbidden_address';

export type DeliveryOutcome =
  /** Accepted by the provider; whether it arrived is not known. */
  | { readonly outcome: 'sent'; readonly detail?: string; readonly providerId?: string }
  | {
      readonly outcome: 'retry';
      readonly reason: DeliveryReason;
      readonly detail: string;
      /** The target's own word on when to come back, milliseconds. */
      readonly retryAfterMs?: number;
      /** True: it may have arrived all the same. */
      readonly mayHaveArrived?: boolean;
      /** `none`: only this target refuses; `open`: no use in trying others now. Default: the endpoint failed once. */
      readonly endpoint?: 'none' | 'open';
    }
  | { readonly outcome: 'failed'; readonly reason: DeliveryReason; readonly detail: string };

/** What messages to different targets leave by, one after the other: a phone number. */
export interface SenderPace {
  readonly name: string;
  /** Least milliseconds between two messages. */
  readonly paceMs: number;
}

/** A way of reaching people. `address` is one that `checkAddress` accepts, or empty for the configured endpoint. */
export interface Channel {
  /** What is missing for sending there, as something to do; `undefined`: ready. */
  unavailable(address: string): string | undefined;
  /** True: there is a configured endpoint for those who have no address of their own. */
  readonly hasDefault: boolean;
  /** What is wrong with an address, or `undefined`. */
  checkAddress(address: string): string | undefined;
  /** The address without secrets. */
  describe(address: string): string;
  /** What fails together: the SMTP server, the host of a webhook. */
  endpoint(address: string): string;
  /** True: the target recognises a repetition by the delivery's id. */
  readonly deduplicates: boolean;
  /** True: it makes use of `threadRoot`. */
  readonly threads?: boolean;
  /** Most milliseconds that an attempt may take. */
  readonly timeoutMs: number;
  /** Least milliseconds between two messages to one target. */
  readonly paceMs: number;
  /** Left out: messages to different targets do not wait for each other. */
  sender?(address: string): SenderPace | undefined;
  /** Never rejects for trouble with the target. */
  send(message: ChannelMessage, address: string, signal: AbortSignal): Promise<DeliveryOutcome>;
  close(): Promise<void>;
}
