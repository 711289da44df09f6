import { expect, it } from 'vitest';
import { giveBackBuffer, joinBuffers, takeBuffer } from './buffer-pool.ts';

it('lends memory again when it has come back, by any part of it', () => {
  const first = takeBuffer(5000);
  expect(first.length).toBe(8192);
  giveBackBuffer(first.subarray(10, 20));
  expect(takeBuffer(8000).buffer).toBe(first.buffer);
});

it('lends nothing twice: what has come back once, or was never lent, is left alone', () => {
  const first = takeBuffer(5000);
  giveBackBuffer(first);
  giveBackBuffer(first);
  giveBackBuffer(Buffer.allocUnsafeSlow(8192));
  giveBackBuffer(Buffer.from('a text in the slab that small buffers share'));
  expect(takeBuffer(5000).buffer).toBe(first.buffer);
  expect(takeBuffer(5000).buffer).not.toBe(first.buffer);
});

it('joins pieces', () => {
  expect(joinBuffers([])).toHaveLength(0);
  expect(joinBuffers([Buffer.from('some'), new Uint8Array([32]), Buffer.from('pieces')]).toString()).toBe(
    'some pieces',
  );
  const large = joinBuffers([Buffer.alloc(3000, 1), Buffer.alloc(3000, 2)]);
  expect([large.length, large[2999], large[3000]]).toEqual([6000, 1, 2]);
});
