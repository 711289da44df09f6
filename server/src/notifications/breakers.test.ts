import { describe, expect, it } from 'vitest';
import type { DeliveryOutcome } from '../channels/index.ts';
import { Breakers } from './breakers.ts';

const DOWN: DeliveryOutcome = { outcome: 'retry', reason: 'connection', detail: '' };
const BUSY: DeliveryOutcome = { outcome: 'retry', reason: 'temporary_refusal', detail: '', endpoint: 'none' };
const LOCKED: DeliveryOutcome = { outcome: 'retry', reason: 'authentication', detail: '', endpoint: 'open' };
const SENT: DeliveryOutcome = { outcome: 'sent' };

describe('Breakers', () => {
  it('closes an endpoint after five failures, probes it, with growing pauses, and opens it again', () => {
    const breakers = new Breakers();
    for (let failure = 0; failure < 4; failure++) breakers.report('smtp', DOWN, 0);
    expect(breakers.admit('smtp', 0)).toBeUndefined();
    breakers.report('smtp', DOWN, 0);
    expect(breakers.admit('smtp', 0)).toBe(30_000);
    expect(breakers.open).toEqual(['smtp']);
    expect(breakers.admit('twilio', 0)).toBeUndefined();
    // One probe; the others wait for what becomes of it.
    expect(breakers.admit('smtp', 30_000)).toBeUndefined();
    expect(breakers.admit('smtp', 30_001)).toBe(35_001);
    breakers.report('smtp', DOWN, 31_000);
    expect(breakers.admit('smtp', 31_000)).toBe(91_000);
    breakers.admit('smtp', 91_000);
    breakers.report('smtp', SENT, 91_500);
    expect(breakers.admit('smtp', 91_500)).toBeUndefined();
    expect(breakers.open).toEqual([]);
  });

  it('pauses for five minutes at most', () => {
    const breakers = new Breakers();
    for (let failure = 0; failure < 50; failure++) breakers.report('smtp', DOWN, 0);
    expect(breakers.admit('smtp', 0)).toBe(300_000);
  });

  it('takes the refusal of one target for a sign of life', () => {
    const breakers = new Breakers();
    for (let failure = 0; failure < 4; failure++) breakers.report('smtp', DOWN, 0);
    breakers.report('smtp', BUSY, 0);
    breakers.report('smtp', DOWN, 0);
    expect(breakers.admit('smtp', 0)).toBeUndefined();
  });

  it('closes at once where our credentials are wrong', () => {
    const breakers = new Breakers();
    breakers.report('smtp', LOCKED, 0);
    expect(breakers.admit('smtp', 0)).toBe(30_000);
  });
});
