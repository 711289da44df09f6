import { truncate } from '../../lib/truncate.ts';
import type { ChannelMessage } from '../channel.ts';
import { shortenList } from '../shorten-list.ts';

/** Workflows refuse more than about 28 KB. */
const SIZE_LIMIT = 24 * 1024;
const COLOURS = { info: 'Accent', warning: 'Warning', error: 'Attention', critical: 'Attention' } as const;

/** The body of a "when a Teams webhook request is received" workflow: an Adaptive Card. */
export function teamsBody(message: ChannelMessage): string {
  for (let limit = 8000; ; limit = Math.floor(limit / 2)) {
    const body = JSON.stringify(payload(message, limit));
    if (Buffer.byteLength(body) <= SIZE_LIMIT || limit < 50) return body;
  }
}

function payload(message: ChannelMessage, limit: number) {
  const body: object[] = [
    {
      type: 'TextBlock',
      text: escapeMarkdown(truncate(message.subject || message.message, 300)),
      weight: 'Bolder',
      size: 'Medium',
      wrap: true,
      style: 'heading',
      color: message.good ? 'Good' : COLOURS[message.severity],
    },
    // A single line break is none in the card's Markdown.
    {
      type: 'TextBlock',
      text: escapeMarkdown(shortenList(message.message, limit)).replace(/\n/g, '\n\n'),
      wrap: true,
    },
  ];
  if (message.facts.length > 0) {
    const facts = message.facts.slice(0, 20).map(({ name, value }) => ({
      title: escapeMarkdown(truncate(name, 100)),
      value: escapeMarkdown(truncate(value, Math.min(500, limit))),
    }));
    body.push({ type: 'FactSet', facts });
  }
  const actions = message.links
    .slice(0, 6)
    .map((link) => ({ type: 'Action.OpenUrl', title: truncate(link.label, 75), url: link.url }));
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'full' },
          body,
          ...(actions.length > 0 && { actions }),
        },
      },
    ],
  };
}

/** Text blocks know a little Markdown; a label must not become a link or a list. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\*_[\]()`~#]/g, (character) => `\\${character}`);
}
