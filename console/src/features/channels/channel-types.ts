import type { ChannelList } from '../../api-client/types.ts';

export type Channel = ChannelList['items'][number];
export type ChannelKind = ChannelList['kinds'][number];

/** Begins the query keys of everything about channels. */
export const CHANNELS = 'api/notifications/channels';
