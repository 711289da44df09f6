import { expect, it } from 'vitest';
import { spanOf } from '../../../../tests/support/span-builder.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { collect } from '../../model/flow.ts';
import type { Span } from '../../model/span.ts';
import { SeenVersions } from './seen-versions.ts';

const T = 1_800_000_000_000;

function watched(clock = new VirtualClock(T)) {
  const stored: Span[] = [];
  const versions = new SeenVersions(clock);
  const sink = versions.watch({ writeSpans: async (spans) => void stored.push(...collect(spans)) });
  const run = (service: string, version: string, at: number, more: Record<string, string> = {}) =>
    spanOf({ service, at, resourceAttributes: { 'service.version': version, ...more } });
  return { clock, stored, versions, sink, run };
}

it('knows the versions of services that send spans, by environment, with the times of their spans', async () => {
  const { stored, versions, sink, run } = watched();
  const staging = { 'deployment.environment.name': 'staging' };
  await sink.writeSpans([run('shop', '1', T + 500), run('shop', '1', T), run('shop', '2', T + 700)]);
  await sink.writeSpans([
    run('shop', '1', T + 900),
    run('shop', '1', T + 5, staging),
    spanOf({ service: 'cart', at: T }),
  ]);
  expect(versions.list()).toEqual([
    { service: 'shop', environment: '', version: '1', firstSeen: T, lastSeen: T + 900 },
    { service: 'shop', environment: '', version: '2', firstSeen: T + 700, lastSeen: T + 700 },
    { service: 'shop', environment: 'staging', version: '1', firstSeen: T + 5, lastSeen: T + 5 },
  ]);
  expect(stored).toHaveLength(6);
});

it('forgets a version of which nothing came for a while: later it is seen for the first time', async () => {
  const { clock, versions, sink, run } = watched();
  await sink.writeSpans([run('shop', '1', T)]);
  await clock.advance(200_000);
  expect(versions.list()).toEqual([]);
  await sink.writeSpans([run('shop', '1', T + 200_000)]);
  expect(versions.list()).toMatchObject([{ version: '1', firstSeen: T + 200_000 }]);
});

it('holds as many as it may, and learns again when others are forgotten', async () => {
  const { clock, versions, sink, run } = watched();
  await sink.writeSpans(Array.from({ length: 2500 }, (_, index) => run(`service-${index}`, '1', T)));
  expect(versions.list()).toHaveLength(2000);
  await clock.advance(200_000);
  await sink.writeSpans([run('new', '1', T + 200_000)]);
  expect(versions.list()).toMatchObject([{ service: 'new' }]);
});
