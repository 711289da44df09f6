import { truncate } from '../../lib/truncate.ts';
import type { ChannelMessage } from '../channel.ts';
import { shortenList } from '../shorten-list.ts';

const COLOURS = { info: 0x2563eb, warning: 0xd97706, error: 0xea580c, critical: 0xdc2626 } as const;
const GOOD = 0x16a34a;

/** Limits of an embed, in characters: https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
const TITLE = 256;
const DESCRIPTION = 4096;
const FIELDS = 25;
const FIELD_NAME = 256;
const FIELD_VALUE = 1024;
/** Of all texts of a message together. */
const TOTAL = 6000;
const URL_LENGTH = 2000;

/** The body for a webhook of Discord: one embed in the colour of the severity, which calls nobody. */
export function discordBody(message: ChannelMessage): string {
  const title = truncate(message.subject || message.message || '-', TITLE);
  const links = message.links
    .filter(({ url }) => url.length <= URL_LENGTH)
    .slice(0, 5)
    .map(({ label, url }) => `[${escapeMarkdown(truncate(label, 75))}](${url})`)
    .join(' · ');
  let room = TOTAL - title.length - links.length;
  const fields: object[] = [];
  // Facts are short; what they leave is the message's.
  for (const { name, value } of message.facts.slice(0, FIELDS)) {
    const field = {
      name: shortened(name || '-', FIELD_NAME),
      value: shortened(value || '-', FIELD_VALUE),
      inline: true,
    };
    const size = field.name.length + field.value.length;
    if (size > room / 2) break;
    fields.push(field);
    room -= size;
  }
  const text = shortened(message.message, Math.max(0, Math.min(DESCRIPTION, room) - links.length - 2));
  const [link] = message.links;
  return JSON.stringify({
    embeds: [
      {
        title,
        description: [text, links].filter((part) => part !== '').join('\n\n'),
        ...(link && link.url.length <= URL_LENGTH && { url: link.url }),
        color: message.good ? GOOD : COLOURS[message.severity],
        timestamp: new Date(message.createdAt).toISOString(),
        ...(fields.length > 0 && { fields }),
      },
    ],
    // Without it a label could call everyone.
    allowed_mentions: { parse: [] },
  });
}

/** Escaped, and within the limit all the same. */
function shortened(text: string, limit: number): string {
  for (let room = limit; room > 0; room -= Math.max(1, Math.ceil(room / 8))) {
    const escaped = escapeMarkdown(shortenList(text, room));
    if (escaped.length <= limit) return escaped;
  }
  return '';
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\*_~`|>[\]()#]/g, (character) => `\\${character}`);
}
