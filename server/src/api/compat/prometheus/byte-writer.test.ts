import { describe, expect, it } from 'vitest';
import { ByteWriter, sampleText, TooManyBytesError } from './byte-writer.ts';

/** The same in the obvious way. */
function reference(points: readonly (readonly [number, number])[]): string {
  return points.map(([time, value]) => `[${seconds(time)},"${sampleText(value)}"]`).join(',');
}

function seconds(milliseconds: number): string {
  const text = (Math.abs(milliseconds) / 1000).toFixed(3).replace('.000', '');
  return milliseconds < 0 ? `-${text}` : text;
}

function written(points: readonly (readonly [number, number])[]): string {
  const writer = new ByteWriter(1e8);
  writer.points(
    Float64Array.from(points, ([time]) => time),
    Float64Array.from(points, ([, value]) => value),
  );
  return writer.finish().toString();
}

describe('ByteWriter', () => {
  it.each<[number, string]>([
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [-17, '-17'],
    ...Array.from({ length: 10 }, (_, i): [number, string] => [10 ** i, `1${'0'.repeat(i)}`]),
    ...Array.from({ length: 10 }, (_, i): [number, string] => [1 - 10 ** (i + 1), `-${'9'.repeat(i + 1)}`]),
    [2_147_483_647, '2147483647'],
    [-2_147_483_648, '-2147483648'],
    [4_294_967_296, '4294967296'],
    [0.1, '0.1'],
    [123456789.25, '123456789.25'],
    [1e20, '100000000000000000000'],
    [1e21, '1e+21'],
    [1.5e300, '1.5e+300'],
    [0.000001, '0.000001'],
    [1e-7, '1e-07'],
    [-2.5e-9, '-2.5e-09'],
    [5e-324, '5e-324'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ])('writes %d as Prometheus does', (value, text) => {
    expect(written([[1000, value]])).toBe(`[1,"${text}"]`);
    const writer = new ByteWriter(1e6);
    writer.value(value);
    expect(writer.finish().toString()).toBe(`"${text}"`);
  });

  it('gives times no decimals or three', () => {
    expect(written([[1_435_781_451_781, 1]])).toBe('[1435781451.781,"1"]');
    expect(written([[1_435_781_451_000, 1]])).toBe('[1435781451,"1"]');
    expect(written([[1_435_781_451_050, 1]])).toBe('[1435781451.050,"1"]');
    expect(written([[-1500, 1]])).toBe('[-1.500,"1"]');
    expect(written([[8.64e15, 1]])).toBe('[8640000000000,"1"]');
  });

  it('leaves out points', () => {
    const writer = new ByteWriter(1e6);
    writer.points(Float64Array.of(1000, 2000, 3000, 4000), Float64Array.of(5, 5, 5, 6), (i) => i === 0 || i === 2);
    expect(writer.finish().toString()).toBe('[2,"5"],[4,"6"]');
  });

  it('equals the obvious way over many points of all kinds, repeated values and both zeros among them', () => {
    let state = 7;
    const random = () => {
      state = (state * 16807) % 2147483647;
      return state / 2147483647;
    };
    const kinds = [
      () => Math.floor(random() * 1000),
      () => Math.floor(random() * 2 ** 40),
      () => random(),
      () => -random() * 10 ** Math.floor(random() * 60 - 30),
      () => 0,
      () => -0,
      () => Number.NaN,
      () => 42.5,
    ];
    const points = Array.from({ length: 20_000 }, (_, i) => {
      const kind = kinds[Math.floor(random() * kinds.length)]!;
      return [1_700_000_000_000 + i * 777, kind()] as const;
    });
    expect(written(points)).toBe(reference(points));
  });

  it('writes other text as UTF-8', () => {
    const writer = new ByteWriter(1e6);
    writer.text('größe€😀'.repeat(5000));
    expect(writer.finish().toString()).toBe('größe€😀'.repeat(5000));
  });

  it('stops at its limit', () => {
    const writer = new ByteWriter(50_000);
    const column = Float64Array.from({ length: 1e5 }, (_, i) => i);
    expect(() => writer.points(column, column)).toThrow(TooManyBytesError);
  });
});
