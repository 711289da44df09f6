import type { ChannelMessage } from '../../server/src/channels/channel.ts';

/** A message with everything in it, to be changed by what a test is about. */
export function channelMessage(part: Partial<ChannelMessage> = {}): ChannelMessage {
  return {
    deliveryId: '019b8e00-0000-7000-8000-000000000001',
    notificationId: '019b8e00-0000-7000-8000-000000000002',
    type: 'alert.firing',
    severity: 'warning',
    subject: '[warning] High CPU on data-processing',
    message: 'CPU usage above 90%',
    shortText: 'WARNING High CPU on data-processing: 93.5 (> 90)',
    mailSubject: 'Alert: High CPU on data-processing',
    facts: [{ name: 'Value', value: '93.5 (> 90)' }],
    links: [{ label: 'Open the alert', url: 'http://localhost:8013/alerts/r1' }],
    good: false,
    createdAt: Date.UTC(2026, 0, 5, 12),
    alertId: 'r1',
    episodeId: 'e1',
    incidentId: undefined,
    startsThread: true,
    data: { labels: { host: 'a' } },
    metadata: { team: 'core' },
    ...part,
  };
}
