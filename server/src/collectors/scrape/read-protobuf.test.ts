import { describe, expect, it } from 'vitest';
import { ProtobufWriter } from '../../lib/protobuf-writer.ts';
import { readProtobuf } from './read-protobuf.ts';
import { readText } from './read-text.ts';
import { type SampleRules, TargetSeries } from './target-series.ts';

const RULES: SampleRules = {
  honorLabels: false,
  honorTimestamps: true,
  trackTimestampsStaleness: false,
  metricRelabelRules: [],
  sampleLimit: 0,
  labelLimit: 0,
  labelNameLengthLimit: 0,
  labelValueLengthLimit: 0,
  nameValidation: 'utf8',
};
const NOW = Date.UTC(2026, 0, 5);
const [COUNTER, GAUGE, SUMMARY, , HISTOGRAM] = [0, 1, 2, 3, 4];

const message = (fill: (writer: ProtobufWriter) => ProtobufWriter) => fill(new ProtobufWriter()).finish();
const label = (name: string, value: string) => message((w) => w.string(1, name).string(2, value));
const instant = (seconds: number) => message((w) => w.varint(1, seconds).varint(2, 500_000_000));
const exemplar = (value: number) =>
  message((w) => w.bytes(1, label('trace_id', 'abc')).double(2, value).bytes(3, instant(1_700_000_000)));

function family(name: string, type: number, ...metrics: Uint8Array[]): Buffer {
  const body = message((writer) => {
    writer.string(1, name).string(2, `Help of ${name}.`).varint(3, type);
    for (const metric of metrics) writer.bytes(4, metric);
    return writer.string(5, '');
  });
  return Buffer.concat([lengthOf(body.length), body]);
}

function lengthOf(length: number): Buffer {
  return length < 128 ? Buffer.from([length]) : Buffer.from([(length & 0x7f) | 0x80, length >> 7]);
}

function scrape(body: Buffer, choice = { nativeHistograms: false, classicHistograms: false }) {
  const series = new TargetSeries({}, RULES);
  const run = () => {
    series.begin(NOW);
    readProtobuf(body, choice, series);
    return series.finish();
  };
  return { first: run(), second: run() };
}

const classicBuckets = (writer: ProtobufWriter) =>
  writer
    .varint(1, 5)
    .double(2, 4.5)
    .bytes(
      3,
      message((w) => w.varint(1, 2).double(2, 0.25).bytes(3, exemplar(0.2))),
    )
    .bytes(
      3,
      message((w) => w.varint(1, 4).double(2, 1)),
    );
/** Schema 3, buckets 0 and 1 and, after a gap of one, 3, with 1, 2 and 1 observations; one in the zero bucket. */
const nativeParts = (writer: ProtobufWriter) =>
  writer
    .varint(5, 6)
    .double(6, 0.001)
    .varint(7, 1)
    .bytes(
      12,
      message((w) => w.varint(1, 0).varint(2, 2)),
    )
    .bytes(
      12,
      message((w) => w.varint(1, 2).varint(2, 1)),
    )
    .bytes(13, Buffer.from([2, 2, 1]))
    .bytes(15, instant(1_600_000_000));

describe('the protobuf exposition', () => {
  it('gives the same series as the text', () => {
    const body = Buffer.concat([
      family(
        'requests_total',
        COUNTER,
        message((w) =>
          w.bytes(1, label('code', '200')).bytes(
            3,
            message((v) => v.double(1, 7)),
          ),
        ),
      ),
      family(
        'heat',
        GAUGE,
        message((w) =>
          w
            .bytes(
              2,
              message((v) => v.double(1, -1.5)),
            )
            .varint(6, 1_700_000_000_123),
        ),
      ),
      family(
        'wait',
        SUMMARY,
        message((w) =>
          w.bytes(
            4,
            message((v) =>
              v
                .varint(1, 3)
                .double(2, 9)
                .bytes(
                  3,
                  message((q) => q.double(1, 1).double(2, 4)),
                ),
            ),
          ),
        ),
      ),
      family(
        'took',
        HISTOGRAM,
        message((w) => w.bytes(7, message(classicBuckets))),
      ),
    ]);
    const text = [
      '# TYPE requests_total counter\n# HELP requests_total Help of requests_total.\nrequests_total{code="200"} 7',
      '# TYPE heat gauge\n# HELP heat Help of heat.\nheat -1.5 1700000000123',
      '# TYPE wait summary\n# HELP wait Help of wait.\nwait_count 3\nwait_sum 9\nwait{quantile="1"} 4',
      '# TYPE took histogram\n# HELP took Help of took.\ntook_count 5\ntook_sum 4.5',
      'took_bucket{le="0.25"} 2\ntook_bucket{le="1"} 4\ntook_bucket{le="+Inf"} 5\n',
    ].join('\n');
    const written = new TargetSeries({}, RULES);
    written.begin(NOW);
    readText(text, 'text', written);
    const plain = (batch: readonly object[]) => batch.map((item) => ({ ...item, exemplars: undefined }));
    expect(plain(scrape(body).first.batch)).toEqual(plain(written.finish().batch));
  });

  it('knows its series again and stores an exemplar once', () => {
    const { first, second } = scrape(
      family(
        'took',
        HISTOGRAM,
        message((w) => w.bytes(7, message(classicBuckets))),
      ),
    );
    expect(first.batch[2]).toMatchObject({
      labels: { le: '0.25' },
      exemplars: [{ labels: { trace_id: 'abc' }, value: 0.2, timestamp: 1_700_000_000_500 }],
    });
    expect(second.batch[2]).not.toHaveProperty('exemplars');
    expect(second.batch.map(({ labels }, index) => labels === first.batch[index]!.labels)).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
  });

  it('reads native histograms where they are wanted, and classic buckets beside them', () => {
    const body = family(
      'took',
      HISTOGRAM,
      message((w) =>
        w.bytes(
          7,
          message((h) => nativeParts(classicBuckets(h))),
        ),
      ),
    );
    const names = (choice: { nativeHistograms: boolean; classicHistograms: boolean }) =>
      scrape(body, choice).first.batch.map(({ name }) => name);
    expect(names({ nativeHistograms: false, classicHistograms: false })).toHaveLength(5);
    expect(names({ nativeHistograms: true, classicHistograms: false })).toEqual(['took']);
    expect(names({ nativeHistograms: true, classicHistograms: true })).toEqual([
      'took',
      'took_count',
      'took_sum',
      'took_bucket',
      'took_bucket',
      'took_bucket',
    ]);
    const [native] = scrape(body, { nativeHistograms: true, classicHistograms: false }).first.batch;
    expect(native).toMatchObject({
      timestamps: [],
      histograms: [
        {
          timestamp: NOW,
          startTimestamp: 1_600_000_000_500,
          histogram: {
            schema: 3,
            count: 5,
            sum: 4.5,
            zeroThreshold: 0.001,
            zeroCount: 1,
            positive: { indexes: [0, 1, 3], counts: [1, 2, 1] },
            negative: { indexes: [], counts: [] },
            hint: 'unknown',
          },
        },
      ],
    });
  });

  it('ends native histograms by a marker of their own', () => {
    const series = new TargetSeries({}, RULES);
    const choice = { nativeHistograms: true, classicHistograms: false };
    series.begin(NOW);
    readProtobuf(
      family(
        'took',
        HISTOGRAM,
        message((w) => w.bytes(7, message(nativeParts))),
      ),
      choice,
      series,
    );
    series.finish();
    series.begin(NOW + 1000);
    expect(series.finish().batch).toMatchObject([
      { name: 'took', timestamps: [], histograms: [{ timestamp: NOW + 1000, histogram: undefined }] },
    ]);
  });

  const whole = family(
    'a',
    GAUGE,
    message((w) =>
      w.bytes(
        2,
        message((v) => v.double(1, 1)),
      ),
    ),
  );
  it.each<[string, Buffer, RegExp]>([
    ['an answer that is cut', whole.subarray(0, -3), /ends too early/],
    ['a family without a name', family('', GAUGE), /no name/],
    ['a length without an end', Buffer.alloc(6, 0xff), /length/],
    [
      'a label twice',
      family(
        'a',
        GAUGE,
        message((w) =>
          w
            .bytes(1, label('x', '1'))
            .bytes(1, label('x', '2'))
            .bytes(
              2,
              message((v) => v.double(1, 1)),
            ),
        ),
      ),
      /label x is there twice/,
    ],
    [
      'buckets without counts',
      family(
        'a',
        HISTOGRAM,
        message((w) =>
          w.bytes(
            7,
            message((h) =>
              h.bytes(
                12,
                message((s) => s.varint(1, 0).varint(2, 3)),
              ),
            ),
          ),
        ),
      ),
      /3 buckets and 0 counts/,
    ],
    [
      'endless buckets',
      family(
        'a',
        HISTOGRAM,
        message((w) =>
          w.bytes(
            7,
            message((h) =>
              h.bytes(
                12,
                message((s) => s.varint(1, 0).varint(2, 4e9)),
              ),
            ),
          ),
        ),
      ),
      /too many buckets/,
    ],
  ])('refuses %s', (_, body, message) => {
    expect(() => scrape(body, { nativeHistograms: true, classicHistograms: true })).toThrow(message);
  });
});
