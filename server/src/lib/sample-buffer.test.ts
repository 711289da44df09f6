import { expect, it } from 'vitest';
import type { SeriesSamples } from '../model/metric.ts';
import { SampleBuffer } from './sample-buffer.ts';

function sample(value: number): SeriesSamples[] {
  return [{ name: 'x', labels: {}, type: 'gauge', unit: '', help: '', timestamps: [value], values: [value] }];
}

function buffer(maxBatches?: number) {
  const written: number[] = [];
  const messages: string[] = [];
  const state = { up: true };
  const log = (_: object, message: string) => void messages.push(message);
  const subject = new SampleBuffer({
    sink: {
      writeSamples: async (batch) => {
        if (!state.up) throw new Error('no');
        written.push(batch[0]!.values[0]!);
      },
    },
    logger: { debug: log, info: log, warn: log, error: log },
    source: 'test',
    ...(maxBatches !== undefined && { maxBatches }),
  });
  return { subject, written, messages, state };
}

it('writes at once what the sink takes, and nothing for nothing', async () => {
  const { subject, written, messages } = buffer();
  await subject.write(sample(1));
  await subject.write([]);
  expect([written, messages]).toEqual([[1], []]);
});

it('keeps what is refused, in order, and says so once', async () => {
  const { subject, written, messages, state } = buffer();
  state.up = false;
  for (const value of [1, 2, 3]) await subject.write(sample(value));
  state.up = true;
  await subject.write(sample(4));
  expect(written).toEqual([1, 2, 3, 4]);
  expect(messages).toHaveLength(2);
});

it('drops the oldest beyond its bound', async () => {
  const { subject, written, state } = buffer(2);
  state.up = false;
  for (const value of [1, 2, 3]) await subject.write(sample(value));
  state.up = true;
  await subject.write(sample(4));
  expect(written).toEqual([3, 4]);
});
