import { type Route, route } from '../../http/index.ts';
import { escapeHtml } from '../../lib/escape-html.ts';
import type { Notifications } from '../../notifications/index.ts';
import { unsubscribeParams } from '../contract/suppressions.ts';
import { asPage, linkPage } from './link-page.ts';

const tag = 'notifications';
const path = '/api/notifications/verify/{token}';
const success = { status: 200, contentType: 'text/html' } as const;
const TITLE = 'Confirm an address';

/** What the links of messages lead to that show whose an address is. Programs that look at links change nothing. */
export function contactLinkRoutes({ preferences: { links } }: Notifications): Route[] {
  return [
    route({
      method: 'GET',
      path,
      tag,
      summary: 'The page behind the link of a verification message: asks, and changes nothing',
      scope: 'public',
      params: unsubscribeParams,
      success,
      async handle({ params, reply }) {
        const { userId, recipient, open } = await links.linked(params.token);
        asPage(reply);
        const what = `${escapeHtml(recipient)} of ${escapeHtml(userId)}`;
        if (!open) return linkPage(TITLE, `<p>${what} is confirmed already.</p>`);
        return linkPage(TITLE, `<p>Notifications to ${what}?</p><form method="post"><button>Confirm</button></form>`);
      },
    }),
    route({
      method: 'POST',
      path,
      tag,
      summary: 'Show by the link that was sent there that an address is the user’s',
      scope: 'public',
      params: unsubscribeParams,
      consumes: ['application/x-www-form-urlencoded'],
      bodyLimit: 4096,
      success,
      async handle({ params, reply }) {
        await links.follow(params.token);
        const { userId, recipient } = await links.linked(params.token);
        asPage(reply);
        return linkPage(TITLE, `<p>Done: ${escapeHtml(recipient)} is an address of ${escapeHtml(userId)}.</p>`);
      },
    }),
  ];
}
