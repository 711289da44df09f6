import { truncate } from '../../lib/truncate.ts';
import type { ChannelMessage } from '../channel.ts';
import { shortenList } from '../shorten-list.ts';

const COLOURS = { info: '#2563eb', warning: '#d97706', error: '#ea580c', critical: '#dc2626' } as const;
const GOOD = '#16a34a';

/** Block Kit's limits: https://docs.slack.dev/reference/block-kit/blocks */
const HEADER = 150;
const SECTION = 3000;
const FIELD = 2000;
const FIELDS = 10;
const BUTTONS = 25;
const BUTTON_TEXT = 75;
const BUTTON_URL = 3000;
/** Beyond about 13,000 characters in all Slack refuses a message. */
const TOTAL = 12_000;

/** Slack's three control characters; without them an alert's label could call everyone by `<!channel>`. */
function escapeMrkdwn(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** The body of an incoming webhook. */
export function slackBody(message: ChannelMessage): string {
  return JSON.stringify(slackMessage(message));
}

/** Block Kit in an attachment that carries the severity's colour. */
export function slackMessage(message: ChannelMessage): object {
  for (let shortening = 1; ; shortening *= 2) {
    const body = payload(message, shortening);
    if (JSON.stringify(body).length <= TOTAL || shortening > 64) return body;
  }
}

function payload(message: ChannelMessage, shortening: number) {
  const blocks: object[] = [
    { type: 'header', text: { type: 'plain_text', text: truncate(message.subject || message.message, HEADER) } },
    section(message.message, SECTION / shortening),
  ];
  const fields = message.facts.slice(0, FIELDS).map(({ name, value }) => ({
    type: 'mrkdwn',
    text: `*${escaped(name, 100)}*\n${escaped(value, (FIELD - 200) / shortening)}`,
  }));
  if (fields.length > 0) blocks.push({ type: 'section', fields });
  const buttons = message.links
    .filter((link) => link.url.length <= BUTTON_URL)
    .slice(0, BUTTONS)
    .map((link) => ({
      type: 'button',
      text: { type: 'plain_text', text: truncate(link.label, BUTTON_TEXT) },
      url: link.url,
    }));
  if (buttons.length > 0) blocks.push({ type: 'actions', elements: buttons });
  return {
    // Read out by screen readers and shown in notices.
    text: escaped(message.subject || message.message, 500),
    attachments: [{ color: message.good ? GOOD : COLOURS[message.severity], blocks }],
  };
}

function section(text: string, limit: number) {
  return { type: 'section', text: { type: 'mrkdwn', text: escaped(text || '-', limit) } };
}

/** Escaped and still within the limit: an entity is never cut in two. */
function escaped(text: string, limit: number): string {
  let room = Math.floor(limit);
  for (;;) {
    const result = escapeMrkdwn(shortenList(text, room));
    if (result.length <= limit) return result;
    room -= Math.max(1, Math.ceil((result.length - limit) / 5));
  }
}
