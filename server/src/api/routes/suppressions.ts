import type { FastifyRequest } from 'fastify';
import { type Route, route } from '../../http/index.ts';
import { escapeHtml } from '../../lib/escape-html.ts';
import { formatInstant } from '../../lib/instant.ts';
import { ServiceError } from '../../model/errors.ts';
import type { ChannelName } from '../../model/notification-request.ts';
import type { Notifications } from '../../notifications/index.ts';
import { callbackParams, suppressionKey, suppressionList, unsubscribeParams } from '../contract/suppressions.ts';
import { asPage, linkPage } from './link-page.ts';

const tag = 'notifications';
const FORM = 'application/x-www-form-urlencoded';
const MOST_SHOWN = 1000;

/** Addresses that nothing is sent to, and the ways in which their owners say so. */
export function suppressionRoutes(notifications: Notifications): Route[] {
  return [...suppressedAddresses(notifications), ...unsubscribeRoutes(notifications), twilioRoute(notifications)];
}

function suppressedAddresses({ suppressions }: Notifications): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/notifications/suppressions',
      tag,
      summary: 'Addresses that want nothing or do not exist, newest first, at most 1000',
      scope: 'read',
      success: { status: 200, schema: suppressionList },
      handle: () => ({
        items: suppressions
          .list()
          .slice(-MOST_SHOWN)
          .reverse()
          .map(({ channel, address, type, reason, detail, created_at }) => ({
            ...{ channel: channel as ChannelName, address, reason: reason as 'unsubscribed' | 'bounced', detail },
            scope: type === '' ? ('all' as const) : ('notices' as const),
            created_at: formatInstant(created_at),
          })),
        next_cursor: null,
      }),
    }),
    route({
      method: 'DELETE',
      path: '/api/notifications/suppressions',
      tag,
      summary: 'Send to an address again',
      scope: 'write',
      query: suppressionKey,
      success: { status: 204 },
      handle: ({ query }) => suppressions.remove(query.channel, query.address),
    }),
  ];
}

function unsubscribeRoutes({ unsubscribe }: Notifications): Route[] {
  const path = '/api/notifications/unsubscribe/{token}';
  const success = { status: 200, contentType: 'text/html' } as const;
  return [
    route({
      method: 'GET',
      path,
      tag,
      summary: 'The page behind the link of a mail: asks, and changes nothing',
      scope: 'public',
      params: unsubscribeParams,
      success,
      handle({ params, reply }) {
        asPage(reply);
        const what = escapeHtml(subjectOf(unsubscribe.read(params.token).of));
        return linkPage(
          'Unsubscribe',
          `<p>No more ${what}?</p><form method="post"><button>Unsubscribe</button></form>`,
        );
      },
    }),
    route({
      method: 'POST',
      path,
      tag,
      summary: 'Unsubscribe by one click (RFC 8058)',
      scope: 'public',
      params: unsubscribeParams,
      consumes: [FORM, 'multipart/form-data'],
      bodyLimit: 4096,
      success,
      async handle({ params, reply }) {
        const { of } = await unsubscribe.apply(params.token);
        asPage(reply);
        return linkPage('Unsubscribe', `<p>Done: no more ${escapeHtml(subjectOf(of))}.</p>`);
      },
    }),
  ];
}

function subjectOf(of: ReturnType<Notifications['unsubscribe']['read']>['of']): string {
  return 'userId' in of ? `mails about “${of.type}” for ${of.userId}` : `notices to ${of.address}`;
}

function twilioRoute({ twilioCallbacks }: Notifications): Route {
  return route({
    method: 'POST',
    path: '/api/notifications/callbacks/twilio/{channel}',
    tag,
    summary: 'For Twilio: what became of a message, and answers of STOP and START',
    description:
      'Signed by Twilio (`X-Twilio-Signature`). `{channel}` is `sms`, or the id of a configured channel. Set it as the webhook for incoming messages of the number; status callbacks are asked for with every message where `PUBLIC_URL` is set.',
    scope: 'public',
    params: callbackParams,
    consumes: [FORM],
    bodyLimit: 64 * 1024,
    lenient: true,
    success: { status: 200, contentType: 'text/xml' },
    async handle({ params, body, request, reply }) {
      const bytes = body as unknown as Buffer;
      const fields = Object.fromEntries(new URLSearchParams(bytes.toString('utf8')));
      const signature = request.headers['x-twilio-signature'];
      if (typeof signature !== 'string') throw new ServiceError('forbidden', 'X-Twilio-Signature is missing');
      await twilioCallbacks.take({ channel: params.channel, urls: urlsOf(request), fields, signature });
      reply.type('text/xml');
      return '<?xml version="1.0" encoding="UTF-8"?><Response/>';
    },
  });
}

/** As the request has come; `PUBLIC_URL` is added by the one who knows it. */
function urlsOf(request: FastifyRequest): string[] {
  return [`${request.protocol}://${request.host}${request.originalUrl}`];
}
