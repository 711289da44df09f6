import { truncate } from '../lib/truncate.ts';
import type { ChannelMessage } from './channel.ts';
import { shortenList } from './shorten-list.ts';

const MESSAGE = 1000;
const FACTS = 5;
const FACT = 200;

/** What is left of a message that its target found too large: for one more attempt. */
export function shrink(message: ChannelMessage): ChannelMessage {
  return {
    ...message,
    subject: truncate(message.subject, 150),
    message: shortenList(message.message, MESSAGE),
    shortText: truncate(message.shortText, 150),
    facts: message.facts
      .slice(0, FACTS)
      .map(({ name, value }) => ({ name: truncate(name, FACT), value: truncate(value, FACT) })),
    links: message.links.filter(({ url }) => url.length <= 1000).slice(0, 1),
    data: {},
    metadata: { truncated: true },
  };
}
