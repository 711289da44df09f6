import { truncate } from '../../lib/truncate.ts';
import type { Clock } from '../../model/clock.ts';
import type { Channel, ChannelMessage, DeliveryOutcome } from '../channel.ts';
import { jsonObject } from '../json-object.ts';
import { type OutgoingAnswer, type OutgoingHttp, outcomeOfError, outcomeOfStatus } from '../outgoing-http.ts';

export interface PagerDutyOptions {
  /** Of the integration that those get who name none. */
  readonly routingKey?: string | undefined;
  /** Default: PagerDuty's own. */
  readonly apiUrl?: string | undefined;
}

const API = 'https://events.pagerduty.com';
const SUMMARY = 1024;
/** PagerDuty refuses events of more than 512 KB. */
const MOST_BYTES = 500 * 1024;

/**
 * PagerDuty's Events API 2: an alert triggers, its end resolves, and both name the episode, so that a repetition is
 * none. https://developer.pagerduty.com/docs/events-api-v2/trigger-events/
 */
export class PagerDutyChannel implements Channel {
  readonly deduplicates = true;
  readonly timeoutMs = 20_000;
  readonly paceMs = 500;
  readonly #options: PagerDutyOptions;
  readonly #http: OutgoingHttp;
  readonly #clock: Clock;

  constructor(options: PagerDutyOptions, http: OutgoingHttp, clock: Clock) {
    this.#options = options;
    this.#http = http;
    this.#clock = clock;
  }

  get hasDefault(): boolean {
    return this.#options.routingKey !== undefined;
  }

  unavailable(address: string): string | undefined {
    return address !== '' || this.hasDefault ? undefined : 'set PAGERDUTY_ROUTING_KEY, or give a routing key';
  }

  checkAddress(address: string): string | undefined {
    return /^[A-Za-z0-9]{20,64}$/.test(address) ? undefined : 'is not a routing key of an Events API 2 integration';
  }

  /** The key is a secret. */
  describe(address: string): string {
    return address === '' ? 'PagerDuty' : `PagerDuty (…${address.slice(-4)})`;
  }

  endpoint(): string {
    return 'pagerduty';
  }

  async send(message: ChannelMessage, address: string, signal: AbortSignal): Promise<DeliveryOutcome> {
    const { routingKey, apiUrl = API } = this.#options;
    try {
      const answer = await this.#http.post({
        url: `${apiUrl.replace(/\/$/, '')}/v2/enqueue`,
        headers: { 'content-type': 'application/json' },
        body: eventOf(message, address || routingKey!),
        signal,
      });
      return outcomeOf(answer, this.#clock.now());
    } catch (error) {
      return outcomeOfError(error);
    }
  }

  async close(): Promise<void> {}
}

/** Details are left out where the event would be too large with them. */
function eventOf(message: ChannelMessage, routingKey: string): string {
  const body = JSON.stringify(event(message, routingKey, true));
  return Buffer.byteLength(body) <= MOST_BYTES ? body : JSON.stringify(event(message, routingKey, false));
}

function event(message: ChannelMessage, routingKey: string, withDetails: boolean) {
  const labels = message.data.labels as Record<string, unknown> | undefined;
  const facts = Object.fromEntries(message.facts.map(({ name, value }) => [name, value]));
  return {
    routing_key: routingKey,
    event_action: message.good ? 'resolve' : 'trigger',
    dedup_key: (message.episodeId ?? message.notificationId).slice(0, 255),
    client: 'System Service',
    ...(message.links[0] && { client_url: message.links[0].url }),
    links: message.links.slice(0, 10).map(({ label, url }) => ({ href: url, text: truncate(label, 100) })),
    payload: {
      summary: truncate(message.subject || message.message || '-', SUMMARY),
      source: truncate(String(labels?.instance ?? labels?.service ?? 'system-service'), 255),
      severity: message.severity,
      timestamp: new Date(message.createdAt).toISOString(),
      ...(withDetails && { custom_details: { message: message.message, ...facts, ...(labels && { labels }) } }),
    },
  };
}

function outcomeOf(answer: OutgoingAnswer, now: number): DeliveryOutcome {
  const outcome = outcomeOfStatus(answer, now);
  const { message, errors, dedup_key: key } = jsonObject(answer.body);
  if (outcome.outcome === 'sent') return typeof key === 'string' ? { ...outcome, providerId: key } : outcome;
  const words = [message, ...(Array.isArray(errors) ? errors : [])].filter((word) => typeof word === 'string');
  return words.length === 0 ? outcome : { ...outcome, detail: `${outcome.detail}: ${words.join(', ').slice(0, 200)}` };
}
