import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import {
  CHANNEL_KINDS,
  type ChannelEntry,
  type Notifications,
  type SendingChannelName,
} from '../../notifications/index.ts';
import {
  type ChannelView,
  channel,
  channelBody,
  channelList,
  channelParams,
  channelPut,
  channelTest,
  channelTestBody,
} from '../contract/channels.ts';

const tag = 'notifications';
const path = '/api/notifications/channels';

/** Configured channels: several endpoints of one kind, by name. */
export function channelRoutes({ channels }: Notifications): Route[] {
  return [
    route({
      method: 'GET',
      path,
      tag,
      summary: 'Configured channels, with how their endpoints do, and what each kind is set up with',
      scope: 'read',
      success: { status: 200, schema: channelList },
      handle: () => ({ items: channels.list().map(show), next_cursor: null, kinds: kinds() }),
    }),
    route({
      method: 'POST',
      path,
      tag,
      summary: 'Set up a channel',
      description: 'Secrets are sealed (AES-256-GCM, `SECRET_KEY`) and never shown again.',
      scope: 'admin',
      body: channelBody,
      success: { status: 201, schema: channel },
      async handle({ body: { name, ...body }, principal, reply }) {
        const created = await channels.create({ ...body, name: name ?? body.id }, principal.name);
        reply.header('location', `${path}/${encodeURIComponent(created.id)}`);
        return show(created);
      },
    }),
    route({
      method: 'GET',
      path: `${path}/{id}`,
      tag,
      summary: 'One channel',
      scope: 'read',
      params: channelParams,
      success: { status: 200, schema: channel },
      handle: ({ params }) => show(channels.get(params.id)),
    }),
    route({
      method: 'PUT',
      path: `${path}/{id}`,
      tag,
      summary: 'Replace a channel; secrets that are left out stay',
      scope: 'admin',
      params: channelParams,
      body: channelPut,
      success: { status: 200, schema: channel },
      async handle({ params: { id }, body: { name, ...body }, principal }) {
        return show(await channels.update({ ...body, id, name: name ?? id }, principal.name));
      },
    }),
    route({
      method: 'DELETE',
      path: `${path}/{id}`,
      tag,
      summary: 'Delete a channel; what still names it is held back, with that reason',
      scope: 'admin',
      params: channelParams,
      success: { status: 204 },
      handle: ({ params }) => channels.delete(params.id),
    }),
    route({
      method: 'POST',
      path: `${path}/{id}/test`,
      tag,
      summary: 'Send a message that says that it is a test, and tell what came of it',
      scope: 'write',
      params: channelParams,
      body: channelTestBody,
      success: { status: 200, schema: channelTest },
      async handle({ params, body, principal }) {
        const { tookMs, ...result } = await channels.test(params.id, { ...body, by: principal.name });
        return { ...result, took_ms: tookMs };
      },
    }),
  ];
}

function kinds() {
  return Object.entries(CHANNEL_KINDS).map(([kind, { fields }]) => ({
    kind: kind as SendingChannelName,
    settings: fields.map(({ name, help, secret = false, required = false }) => ({ name, help, secret, required })),
  }));
}

function show(entry: ChannelEntry): ChannelView {
  const { breaker, createdAt, updatedAt, savedBy, secrets, ...rest } = entry;
  return {
    ...rest,
    secrets: [...secrets],
    breaker: {
      state: breaker.state,
      failures: breaker.failures,
      retry_at: orNull(breaker.retryAt),
      last_failure: breaker.lastFailure,
    },
    created_at: orNull(createdAt),
    updated_at: orNull(updatedAt),
    saved_by: savedBy,
  };
}

function orNull(time: number | null): string | null {
  return time === null ? null : formatInstant(time);
}
