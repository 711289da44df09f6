import { formatInstant } from '../../lib/instant.ts';
import type { ChannelMessage } from '../channel.ts';

/** Standard Webhooks advises to stay below 20 kB. */
const SIZE_LIMIT = 20_000;
const SHORTENED_MESSAGE = 4000;

/** The JSON body. One that is too large loses first its data, then its metadata, then the end of its message. */
export function webhookBody(message: ChannelMessage): string {
  const whole = serialize(message, {});
  if (Buffer.byteLength(whole) <= SIZE_LIMIT) return whole;
  const withoutData = serialize(message, { data: {}, truncated: true });
  if (Buffer.byteLength(withoutData) <= SIZE_LIMIT) return withoutData;
  const text = message.message.slice(0, SHORTENED_MESSAGE);
  return serialize(message, { data: {}, metadata: {}, message: text, facts: {}, links: [], truncated: true });
}

function serialize(message: ChannelMessage, replaced: Record<string, unknown>): string {
  return JSON.stringify({
    type: message.type,
    timestamp: formatInstant(message.createdAt),
    data: {
      notification_id: message.notificationId,
      delivery_id: message.deliveryId,
      severity: message.severity,
      subject: message.subject,
      message: message.message,
      alert_id: message.alertId ?? null,
      episode_id: message.episodeId ?? null,
      incident_id: message.incidentId ?? null,
      facts: Object.fromEntries(message.facts.map((fact) => [fact.name, fact.value])),
      links: message.links,
      data: message.data,
      metadata: message.metadata ?? {},
      ...replaced,
    },
  });
}
