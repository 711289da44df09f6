import { escapeHtml } from '../../lib/escape-html.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { ChannelMessage } from '../channel.ts';

const COLOURS = { info: '#2563eb', warning: '#b45309', error: '#c2410c', critical: '#b91c1c' } as const;
const GOOD = '#15803d';
const FONT = 'font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif';

/** The HTML part: tables and inline styles, since mail programs know little else; nothing is loaded from outside. */
export function renderHtml(message: ChannelMessage): string {
  const colour = message.good ? GOOD : COLOURS[message.severity];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${escapeHtml(message.subject)}</title></head>
<body style="margin:0;padding:16px;background:#f4f4f5;${FONT};font-size:15px;line-height:1.5;color:#18181b">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px;background:#ffffff;border-radius:6px;border-top:4px solid ${colour}">
<tr><td style="padding:20px 24px 8px"><div style="font-size:12px;letter-spacing:.04em;text-transform:uppercase;color:${colour};font-weight:600">${message.good ? 'resolved' : message.severity}</div>
<h1 style="margin:4px 0 0;font-size:19px;line-height:1.3">${escapeHtml(message.subject)}</h1></td></tr>
<tr><td style="padding:8px 24px">${paragraphs(message.message)}</td></tr>
${facts(message)}${links(message, colour)}
<tr><td style="padding:12px 24px 20px;font-size:12px;color:#71717a">${formatInstant(message.createdAt)}${unsubscribe(message)}</td></tr>
</table></td></tr></table></body></html>`;
}

function unsubscribe({ unsubscribeUrl: url }: ChannelMessage): string {
  return url === undefined ? '' : ` · <a href="${escapeHtml(url)}" style="color:#71717a">No more of these</a>`;
}

function paragraphs(text: string): string {
  return text
    .split(/\n{2,}/)
    .map((part) => `<p style="margin:0 0 12px">${escapeHtml(part).replace(/\n/g, '<br>')}</p>`)
    .join('');
}

function facts(message: ChannelMessage): string {
  if (message.facts.length === 0) return '';
  const rows = message.facts.map(
    ({ name, value }) =>
      `<tr><td style="padding:3px 16px 3px 0;color:#71717a;vertical-align:top;white-space:nowrap">${escapeHtml(name)}</td><td style="padding:3px 0">${escapeHtml(value)}</td></tr>`,
  );
  return `<tr><td style="padding:0 24px 12px"><table role="presentation" cellpadding="0" cellspacing="0" style="font-size:14px">${rows.join('')}</table></td></tr>`;
}

function links(message: ChannelMessage, colour: string): string {
  if (message.links.length === 0) return '';
  const buttons = message.links.map(
    ({ label, url }) =>
      `<a href="${escapeHtml(url)}" style="display:inline-block;margin:0 8px 8px 0;padding:8px 14px;border-radius:4px;background:${colour};color:#ffffff;text-decoration:none;font-size:14px">${escapeHtml(label)}</a>`,
  );
  return `<tr><td style="padding:4px 24px">${buttons.join('')}</td></tr>`;
}
