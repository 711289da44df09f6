/** What a client may say under the subprotocol `system-service.v1`: one JSON object a frame. */
export type InboxCommand =
  /** Go on after this number, as after a reconnect. */
  | { readonly type: 'resume'; readonly afterSeq: number }
  | { readonly type: 'seen' | 'read' | 'unread' | 'archive'; readonly ids: readonly string[] }
  | { readonly type: 'snooze'; readonly ids: readonly string[]; readonly until: number }
  | { readonly type: 'subscribe'; readonly topics: readonly InboxTopic[] }
  | { readonly type: 'pong' };

/** Of what else than the own inbox a client may hear: `alerts`, each alert that is told to anybody. */
const INBOX_TOPICS = ['alerts'] as const;
export type InboxTopic = (typeof INBOX_TOPICS)[number];

const MOST_IDS = 500;
const KNOWN = ['resume', 'seen', 'read', 'unread', 'archive', 'snooze', 'subscribe', 'pong'];

/** The command of a frame, or what is wrong with it. */
export function parseInboxCommand(text: string, now: number): InboxCommand | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'a frame holds one JSON object' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { problem: 'a frame holds one JSON object' };
  }
  const fields = value as Record<string, unknown>;
  switch (fields.type) {
    case 'pong':
      return { type: 'pong' };
    case 'resume':
      return isSeq(fields.after_seq)
        ? { type: 'resume', afterSeq: fields.after_seq }
        : { problem: 'after_seq: use a whole number from 0 on' };
    case 'seen':
    case 'read':
    case 'unread':
    case 'archive':
      return isIds(fields.ids) ? { type: fields.type, ids: fields.ids } : { problem: IDS_PROBLEM };
    case 'snooze':
      return readSnooze(fields, now);
    case 'subscribe':
      return isTopics(fields.topics)
        ? { type: 'subscribe', topics: fields.topics }
        : { problem: `topics: use a list of ${INBOX_TOPICS.join(', ')}` };
    default:
      return { problem: `type: use one of ${KNOWN.join(', ')}` };
  }
}

const IDS_PROBLEM = `ids: use a list of 1 to ${MOST_IDS} notification ids`;

function readSnooze(fields: Record<string, unknown>, now: number): InboxCommand | { readonly problem: string } {
  if (!isIds(fields.ids)) return { problem: IDS_PROBLEM };
  const until = typeof fields.until === 'string' ? Date.parse(fields.until) : Number.NaN;
  if (!(until > now)) return { problem: 'until: use an RFC 3339 time in the future' };
  return { type: 'snooze', ids: fields.ids, until };
}

function isSeq(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isIds(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= MOST_IDS &&
    value.every((id) => typeof id === 'string' && id.length > 0 && id.length <= 100)
  );
}

function isTopics(value: unknown): value is InboxTopic[] {
  return Array.isArray(value) && value.every((topic) => (INBOX_TOPICS as readonly unknown[]).includes(topic));
}
