import type { ChannelName } from '../../model/notification-request.ts';

/** An address without what may be secret in it: of a URL all but the host, of an integration key all but its end. */
export function redactedAddress(channel: ChannelName, address: string): string {
  if (URL.canParse(address) && /^https?:/i.test(address)) {
    const { protocol, host } = new URL(address);
    return `${protocol}//${host}/…`;
  }
  return channel === 'pagerduty' && address !== '' ? `…${address.slice(-4)}` : address;
}
