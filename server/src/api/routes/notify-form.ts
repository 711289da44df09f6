import type { z } from 'zod';
import { parseDuration } from '../../lib/duration.ts';
import type { NotifyCommand } from '../../notifications/index.ts';
import type { notifyBody } from '../contract/notifications.ts';

type NotifyForm = Omit<z.output<typeof notifyBody>, 'send_at' | 'delay'>;

/** What a caller wants said, but for when. */
export function toCommand(body: NotifyForm): NotifyCommand {
  const after = body.fallback?.after;
  return {
    userId: body.user_id,
    groups: body.group,
    topic: body.topic,
    type: body.type,
    channels: body.channel,
    subject: body.subject,
    message: body.message,
    to: body.to,
    template: body.template,
    data: body.data,
    locale: body.locale,
    severity: body.severity,
    critical: body.critical,
    metadata: body.metadata,
    digest: body.digest,
    unseenForMs: body.unless_seen_within === undefined ? undefined : parseDuration(body.unless_seen_within),
    fallback: body.fallback && { afterMs: after === undefined ? undefined : parseDuration(after) },
  };
}
