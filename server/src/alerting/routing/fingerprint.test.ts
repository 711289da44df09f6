import { expect, it } from 'vitest';
import { fingerprintOfLabels } from './fingerprint.ts';

/** The definition in plain words. */
function reference(labels: Record<string, string>): string {
  let hash = 0xcbf29ce484222325n;
  const add = (value: number) => {
    hash = BigInt.asUintN(64, (hash ^ BigInt(value)) * 0x100000001b3n);
  };
  for (const name of Object.keys(labels).sort()) {
    for (const part of [name, labels[name]!]) {
      for (const value of Buffer.from(part)) add(value);
      add(0xff);
    }
  }
  return hash.toString(16).padStart(16, '0');
}

it.each([{}, { a: 'b' }, { alertname: 'High', instance: 'host-1:9100', job: 'node' }, { é: '🙂', b: 'ä' }])(
  'hashes %j with 64 bits',
  (labels) => {
    expect(fingerprintOfLabels(labels)).toBe(reference(labels));
  },
);
