import { Badge, capital, type Tone } from './badges.tsx';

const TONES: Record<string, Tone> = {
  queued: 'unknown',
  scheduled: 'unknown',
  sending: 'info',
  retrying: 'warning',
  retry: 'warning',
  sent: 'ok',
  delivered: 'ok',
  read: 'ok',
  suppressed: 'unknown',
  canceled: 'unknown',
  bundled: 'ok',
  expired: 'warning',
  unknown: 'warning',
  bounced: 'error',
  failed: 'error',
};

/** How far a message came. */
export function DeliveryStatus({ status }: { status: string }) {
  return (
    <Badge tone={TONES[status] ?? 'unknown'} soft={false}>
      {capital(status)}
    </Badge>
  );
}
