import { expect, it } from 'vitest';
import type { CallPeer } from '../../stores/telemetry/index.ts';
import { peerId } from './peer-id.ts';

it('names services plainly and others by their kind', () => {
  expect(peerId({ kind: 'service', name: 'shop/web' })).toBe('shop/web');
  expect(peerId({ kind: 'database', name: 'sqlite/users' })).toBe('database:sqlite/users');
  expect(peerId({ kind: 'user', name: 'user' })).toBe('user');
});

it('never gives two peers one id', () => {
  const names = ['user', 'a', 'queue:a', 'service:a', 'service:queue:a', 'service:user'];
  const kinds: CallPeer['kind'][] = ['service', 'queue', 'database', 'external'];
  const peers: CallPeer[] = kinds.flatMap((kind) => names.map((name) => ({ kind, name })));
  peers.push({ kind: 'user', name: 'user' });
  expect(new Set(peers.map(peerId)).size).toBe(peers.length);
});
