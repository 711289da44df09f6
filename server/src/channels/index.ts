export type { ChannelMessage, DeliveryOutcome, SenderPace } from './channel.ts';
export {
  CHANNEL_KINDS,
  type ChannelSettings,
  checkChannel,
  type SendingChannelName,
} from './channel-kinds.ts';
export type { Resolve } from './outgoing-http.ts';
export { type ChannelOptions, type Channels, createChannels } from './registry.ts';
export { isSignedByTwilio, readTwilioCallback } from './sms/index.ts';
