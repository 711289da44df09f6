import { createHash } from 'node:crypto';
import type { SendMailOptions } from 'nodemailer';
import { formatInstant } from '../../lib/instant.ts';
import type { ChannelMessage } from '../channel.ts';
import { renderHtml } from './layout.ts';

export interface Sender {
  readonly from: string;
  /** Right side of the Message-IDs. */
  readonly domain: string;
}

/**
 * A message as a mail. The first of an episode carries the thread's id as its Message-ID, later ones refer to it
 * (RFC 5322, 3.6.4); the same delivery has the same Message-ID in every attempt. All mails of an incident refer to it,
 * too: a reference to a mail that does not exist is what makes them one thread.
 */
export function composeMail(message: ChannelMessage, to: string, sender: Sender): SendMailOptions {
  const root = message.episodeId === undefined ? undefined : `<episode-${idPart(message.episodeId)}@${sender.domain}>`;
  const own = root !== undefined && message.startsThread ? root : `<${idPart(message.deliveryId)}@${sender.domain}>`;
  const replies = root !== undefined && own !== root;
  const incident = message.incidentId && `<incident-${idPart(message.incidentId)}@${sender.domain}>`;
  const references = [...(incident ? [incident] : []), ...(replies ? [root] : [])];
  return {
    from: oneLine(sender.from),
    to: to.split(',').map((address) => ({ name: '', address })),
    subject: oneLine(replies ? `Re: ${message.mailSubject}` : message.mailSubject),
    date: new Date(message.createdAt),
    messageId: own,
    ...(replies && { inReplyTo: root }),
    ...(references.length > 0 && { references }),
    text: renderText(message),
    html: renderHtml(message),
    // RFC 3834, and the word that Exchange listens to: no automatic answers.
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'X-Notification-Id': oneLine(message.notificationId),
      ...unsubscribeHeaders(message.unsubscribeUrl),
    },
    ...(message.severity === 'critical' && !message.good && { priority: 'high' as const }),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** RFC 2369, and RFC 8058 where it holds: for https alone. */
function unsubscribeHeaders(url: string | undefined): Record<string, string> {
  if (url === undefined) return {};
  const oneClick = url.startsWith('https:') && { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
  return { 'List-Unsubscribe': `<${oneLine(url)}>`, ...oneClick };
}

/** Line breaks in a header would start another header. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  return text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim();
}

/** An id as the left side of a Message-ID. */
function idPart(id: string): string {
  return /^[A-Za-z0-9-]{1,100}$/.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 40);
}

function renderText(message: ChannelMessage): string {
  const parts = [message.message];
  if (message.facts.length > 0) parts.push(message.facts.map((fact) => `${fact.name}: ${fact.value}`).join('\n'));
  if (message.links.length > 0) parts.push(message.links.map((link) => `${link.label}: ${link.url}`).join('\n'));
  const ending = message.unsubscribeUrl === undefined ? '' : `\nNo more of these: ${message.unsubscribeUrl}`;
  parts.push(`--\n${formatInstant(message.createdAt)}${ending}`);
  return parts.join('\n\n');
}
