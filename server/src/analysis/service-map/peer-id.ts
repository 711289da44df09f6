import type { CallPeer } from '../../stores/telemetry/index.ts';

const KINDS = ['service', 'database', 'queue', 'external'];

/**
 * A text that names one peer and no other: `database:sqlite/users`, `queue:kafka/events`, `external:api.example`,
 * `user`, and for services their name alone; `service:` comes before names that would read as one of these.
 */
export function peerId({ kind, name }: CallPeer): string {
  if (kind === 'user') return 'user';
  if (kind !== 'service') return `${kind}:${name}`;
  const isTaken = name === 'user' || KINDS.some((other) => name.startsWith(`${other}:`));
  return isTaken ? `service:${name}` : name;
}
