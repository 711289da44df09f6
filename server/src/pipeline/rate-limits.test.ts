import { describe, expect, it } from 'vitest';
import { ServiceError } from '../model/errors.ts';
import { type RateLimitOptions, RateLimits } from './rate-limits.ts';

const START = Date.UTC(2026, 10, 23);

function limits(options: Partial<RateLimitOptions>) {
  const rates = new RateLimits({ standard: {}, sources: {}, keys: {}, ...options });
  return {
    /** Seconds to wait; 0 where the batch was taken. */
    send(items: number, at = 0, { source = 'otlp', key = 'agent', bytes = 0 } = {}): number {
      try {
        rates.take(source, { key, bytes }, items, START + at);
        return 0;
      } catch (error) {
        expect(error).toBeInstanceOf(ServiceError);
        return (error as ServiceError).retryAfterSeconds!;
      }
    },
    rates,
  };
}

describe('RateLimits', () => {
  it('lets a burst through and then the rate', () => {
    const { send } = limits({ standard: { itemsPerSecond: 10 } });
    expect([send(50), send(1)]).toEqual([0, 0.1]);
    expect([send(5, 500), send(1, 500), send(1, 1000)]).toEqual([0, 0.1, 0]);
  });

  it('takes a batch larger than the bucket, and makes the sender pay by waiting', () => {
    const { send } = limits({ standard: { itemsPerSecond: 10 } });
    expect([send(150), send(1)]).toEqual([0, 10.1]);
    expect(send(1, 10_100)).toBe(0);
  });

  it('counts bytes as well, and takes from no bucket where one of them refuses', () => {
    const { send } = limits({ standard: { itemsPerSecond: 100, bytesPerSecond: 10 } });
    expect(send(1, 0, { bytes: 60 })).toBe(0);
    for (let index = 0; index < 1000; index++) expect(send(500)).toBeGreaterThan(0);
    expect(send(400, 2000)).toBe(0);
  });

  it('knows sources and keys apart, each with its own limit', () => {
    const { send, rates } = limits({ sources: { json: { itemsPerSecond: 1 } }, keys: { slow: { itemsPerSecond: 2 } } });
    expect(send(1_000_000)).toBe(0);
    expect([send(6, 0, { source: 'json' }), send(1, 0, { source: 'json', key: 'other' })]).toEqual([0, 2]);
    expect([send(11, 0, { key: 'slow' }), send(1, 0, { key: 'slow', source: 'zipkin' })]).toEqual([0, 1]);
    expect([rates.of('json'), rates.of('otlp'), rates.of('constructor')]).toEqual([{ itemsPerSecond: 1 }, {}, {}]);
  });

  it('gives back what was not stored', () => {
    const { send, rates } = limits({ standard: { itemsPerSecond: 10 } });
    rates.take('otlp', { key: 'agent', bytes: 0 }, 60, START)();
    expect(send(1)).toBe(0);
  });

  it('is not confused by a clock that is set back', () => {
    const { send } = limits({ standard: { itemsPerSecond: 10 } });
    send(60, 3_600_000);
    expect([send(1, 0), send(1, 1100)]).toEqual([1.1, 0]);
  });
});
