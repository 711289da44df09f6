import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { ConfigMap } from '../../lib/config-map.ts';
import type { Timer } from '../../model/clock.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import { STALE_MARKER_BITS } from '../../model/stale-marker.ts';
import { BodyTooLarge, type Fetched } from './fetch-target.ts';
import { readScrapeJobs } from './read-scrape-jobs.ts';
import type { ScrapeJob } from './scrape-job.ts';
import { ScrapeLoop } from './scrape-loop.ts';
import { type Target, targetsOf } from './target.ts';

const INTERVAL = 15_000;

function jobOf(fields: Record<string, unknown> = {}): ScrapeJob {
  const job = { job_name: 'j', scrape_interval: '15s', static_configs: [{ targets: ['host:1'] }], ...fields };
  return readScrapeJobs(new ConfigMap({ scrape_configs: [job] }, '', []))[0]!;
}

function targetOf(address: string, job = jobOf()): Target {
  const found = targetsOf({ targets: [{ __address__: address }], labels: {} }, job)[0]!;
  if (found.kind !== 'active') throw new Error(found.kind);
  return found.target;
}

type Answer = string | Error | Promise<string>;

/** Timers come as late as a test wants. */
class LateClock extends VirtualClock {
  lateMs = 0;

  override setTimer(delayMs: number, callback: () => void): Timer {
    return super.setTimer(delayMs + this.lateMs, callback);
  }
}

function start(answer: (signal: AbortSignal) => Answer, job = jobOf(), address = 'host:1') {
  const clock = new LateClock();
  const batches: { at: number; batch: readonly SeriesSamples[] }[] = [];
  const asked: number[] = [];
  const target = targetOf(address, job);
  const loop = new ScrapeLoop({
    job,
    target,
    clock,
    write: (batch) => batches.push({ at: clock.now(), batch }),
    fetch: async (_, signal): Promise<Fetched> => {
      asked.push(clock.now());
      const text = await answer(signal);
      if (text instanceof Error) throw text;
      return { format: 'text', body: Buffer.from(text) };
    },
  });
  loop.start();
  return { clock, loop, batches, asked, target };
}

const isStale = ({ values }: SeriesSamples) =>
  values instanceof Float64Array && new BigUint64Array(values.buffer)[0] === STALE_MARKER_BITS;

function valuesOf(batch: readonly SeriesSamples[] | undefined): Record<string, number | 'ends'> {
  return Object.fromEntries((batch ?? []).map((item) => [item.name, isStale(item) ? 'ends' : item.values[0]!]));
}

describe('a scrape loop', () => {
  it('scrapes once an interval, at a time of its own that stays the same', async () => {
    const { clock, asked, batches } = start(() => 'a 1\n');
    await clock.advance(10 * INTERVAL);
    expect(asked).toHaveLength(10);
    const offset = asked[0]! % INTERVAL;
    expect(new Set(asked.map((at) => at % INTERVAL))).toEqual(new Set([offset]));
    expect(batches.map(({ batch }) => batch[0]!.timestamps[0])).toEqual(asked);
    const again = start(() => 'a 1\n');
    await again.clock.advance(INTERVAL);
    expect(again.asked[0]! % INTERVAL).toBe(offset);
  });

  it('spreads targets over the interval', async () => {
    const offsets = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const { clock, asked } = start(() => '', jobOf(), `host${index}:1`);
        await clock.advance(INTERVAL);
        return Math.floor((asked[0]! % INTERVAL) / 1000);
      }),
    );
    expect(new Set(offsets).size).toBeGreaterThan(10);
  });

  it('tells about itself', async () => {
    const job = jobOf({ extra_scrape_metrics: true, sample_limit: 7 });
    const { clock, batches, loop } = start(() => 'a 1\nb 2\n', job);
    await clock.advance(INTERVAL);
    expect(valuesOf(batches[0]!.batch)).toEqual({
      a: 1,
      b: 2,
      up: 1,
      scrape_duration_seconds: 0,
      scrape_samples_scraped: 2,
      scrape_samples_post_metric_relabeling: 2,
      scrape_series_added: 2,
      scrape_timeout_seconds: 10,
      scrape_sample_limit: 7,
      scrape_body_size_bytes: 8,
    });
    expect(batches[0]!.batch.at(-1)!.labels).toEqual({ job: 'j', instance: 'host:1' });
    expect(loop.state).toMatchObject({ health: 'up', lastError: '' });
  });

  it('ends the series of a target that fails, and says why', async () => {
    const answers: Answer[] = ['a 1\n', new Error('connection refused'), 'a 2\nbroken', 'a 3\n'];
    const { clock, batches, loop } = start(() => answers.shift()!);
    await clock.advance(2 * INTERVAL);
    expect(valuesOf(batches[1]!.batch)).toMatchObject({ a: 'ends', up: 0, scrape_samples_scraped: 0 });
    expect(loop.state).toMatchObject({ health: 'down', lastError: 'connection refused' });
    await clock.advance(INTERVAL);
    expect(valuesOf(batches[2]!.batch)).toMatchObject({ up: 0, scrape_samples_scraped: 1 });
    expect(valuesOf(batches[2]!.batch)).not.toHaveProperty('a');
    expect(loop.state.lastError).toBe('line 2: the value is not a number');
    await clock.advance(INTERVAL);
    expect(valuesOf(batches[3]!.batch)).toMatchObject({ a: 3, up: 1 });
  });

  it('counts an answer that is too large', async () => {
    const { clock, batches } = start(() => new BodyTooLarge('too large'), jobOf({ extra_scrape_metrics: true }));
    await clock.advance(INTERVAL);
    expect(valuesOf(batches[0]!.batch)).toMatchObject({ up: 0, scrape_body_size_bytes: -1 });
  });

  it('gives up at the timeout and goes on at the next time', async () => {
    const late = (signal: AbortSignal) =>
      new Promise<string>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const { clock, batches, asked, loop } = start(late);
    await clock.advance(2 * INTERVAL);
    expect(batches[0]!.at - asked[0]!).toBe(10_000);
    expect(batches[0]!.batch[0]!.timestamps[0]).toBe(asked[0]);
    expect(valuesOf(batches[0]!.batch)).toMatchObject({ up: 0, scrape_duration_seconds: 10 });
    expect(loop.state.lastError).toBe('the target did not answer within 10 s');
    expect(asked[1]! - asked[0]!).toBe(INTERVAL);
  });

  it('gives samples the planned time when its timer is a little late, else the true one', async () => {
    const { clock, batches, asked } = start(() => 'a 1\n');
    clock.lateMs = 40;
    await clock.advance(INTERVAL);
    const first = asked[0]!;
    clock.lateMs = 400;
    await clock.advance(INTERVAL);
    clock.lateMs = 0;
    await clock.advance(2 * INTERVAL);
    expect(asked.map((at) => at - first)).toEqual([0, INTERVAL + 40, 2 * INTERVAL + 400, 3 * INTERVAL]);
    const times = batches.map(({ batch }) => batch[0]!.timestamps[0]! - first);
    expect(times).toEqual([0, INTERVAL, 2 * INTERVAL + 400, 3 * INTERVAL]);
  });

  it('leaves out what it slept through', async () => {
    const { clock, asked } = start(() => 'a 1\n');
    clock.lateMs = 100 * INTERVAL + 5000;
    await clock.advance(INTERVAL);
    clock.lateMs = 0;
    await clock.advance(103 * INTERVAL);
    expect(asked.slice(1, 3).map((at) => at - asked[0]!)).toEqual([101 * INTERVAL + 5000, 102 * INTERVAL]);
  });

  it('ends everything when its target is gone, nothing when the service stops', async () => {
    const gone = start(() => 'a 1\n');
    await gone.clock.advance(INTERVAL);
    await gone.loop.stop({ vanished: true });
    expect(Object.values(valuesOf(gone.batches[1]!.batch))).toEqual(Array.from({ length: 6 }, () => 'ends'));
    const stopped = start(() => 'a 1\n');
    await stopped.clock.advance(INTERVAL);
    await stopped.loop.stop({ vanished: false });
    await stopped.clock.advance(5 * INTERVAL);
    expect([stopped.batches.length, stopped.asked.length]).toEqual([1, 1]);
  });

  it('does not ask where its job has too many targets', async () => {
    const { clock, loop, asked, batches } = start(() => 'a 1\n');
    loop.blocked = 'too many targets';
    await clock.advance(INTERVAL);
    expect([asked.length, loop.state.lastError, valuesOf(batches[0]!.batch).up]).toEqual([0, 'too many targets', 0]);
  });
});

describe('targets', () => {
  it('have the labels that relabelling leaves, and a URL of them', () => {
    const job = jobOf({
      metrics_path: 'm',
      params: { module: ['http', 'x'], b: ['1'] },
      relabel_configs: [
        { source_labels: ['__address__'], target_label: '__param_target' },
        { source_labels: ['__param_target'], target_label: 'instance' },
        { target_label: '__address__', replacement: 'exporter:9' },
        { source_labels: ['__meta_x'], target_label: 'x' },
        { target_label: '__scrape_interval__', replacement: '30s' },
      ],
    });
    const found = targetsOf({ targets: [{ __address__: 'a.b' }], labels: { __meta_x: 'y', env: 'z' } }, job);
    expect(found).toMatchObject([
      {
        kind: 'active',
        target: {
          labels: { job: 'j', instance: 'a.b', x: 'y', env: 'z' },
          url: 'http://exporter:9/m?b=1&module=http&module=x&target=a.b',
          intervalMs: 30_000,
          timeoutMs: 10_000,
          discoveredLabels: { __address__: 'a.b', __param_module: 'http', __scheme__: 'http', __metrics_path__: 'm' },
        },
      },
    ]);
  });

  it.each([
    [{ action: 'drop', source_labels: ['__address__'], regex: 'host.*' }, 'dropped', undefined],
    [{ target_label: '__address__', replacement: '' }, 'broken', /no __address__/],
    [{ target_label: '__address__', replacement: 'a/b' }, 'broken', /not a host/],
    [{ target_label: '__scrape_interval__', replacement: 'x' }, 'broken', /"x" is no __scrape_interval__/],
    [{ target_label: '__scrape_timeout__', replacement: '1m' }, 'broken', /longer than/],
    [{ target_label: '__scheme__', replacement: ' ' }, 'broken', /is no URL/],
  ])('are left out by %j', (rule, kind, problem) => {
    const found = targetsOf({ targets: [{ __address__: 'host:1' }], labels: {} }, jobOf({ relabel_configs: [rule] }));
    expect(found).toMatchObject([{ kind, ...(problem && { problem: expect.stringMatching(problem) }) }]);
  });
});
