import { escapeHtml } from '../../lib/escape-html.ts';
import { truncate } from '../../lib/truncate.ts';
import type { ChannelMessage } from '../channel.ts';
import { shortenList } from '../shorten-list.ts';

/** Characters of a message, without its markup: https://core.telegram.org/bots/api#sendmessage */
const LIMIT = 4096;
/** Room for markup and escapes, which count until Telegram has read them. */
const MOST = 3500;
const SIGNS = { info: '🔵', warning: '🟡', error: '🟠', critical: '🔴' } as const;

/** The message in Telegram's HTML. Texts are cut before they are marked up, so that no tag is ever cut in two. */
export function telegramText(message: ChannelMessage): string {
  for (let room = MOST; ; room = Math.floor(room / 2)) {
    const text = compose(message, room);
    if (text.length <= LIMIT || room < 100) return text;
  }
}

function compose(message: ChannelMessage, room: number): string {
  const sign = message.good ? '🟢' : SIGNS[message.severity];
  const facts = message.facts.slice(0, Math.ceil((20 * room) / MOST)).map(({ name, value }) => {
    return `<b>${escapeHtml(truncate(name, 60))}</b>: ${escapeHtml(truncate(value, Math.max(20, Math.floor(room / 10))))}`;
  });
  const links = message.links
    .filter(({ url }) => /^https?:/i.test(url) && url.length <= 500)
    .slice(0, 4)
    .map(({ label, url }) => `<a href="${escapeHtml(url)}">${escapeHtml(truncate(label, 60))}</a>`);
  return [
    `${sign} <b>${escapeHtml(truncate(message.subject || message.message || '-', Math.min(256, room)))}</b>`,
    escapeHtml(shortenList(message.message, room)),
    facts.join('\n'),
    links.join(' · '),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
