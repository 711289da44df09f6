export type { ChannelMessage, DeliveryOutcome } from './channel.ts';
export type { Resolve } from './outgoing-http.ts';
export { type ChannelOptions, type Channels, createChannels } from './registry.ts';
