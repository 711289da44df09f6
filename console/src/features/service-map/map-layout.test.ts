import { expect, it } from 'vitest';
import { layOut } from './map-layout.ts';

const edges = (...pairs: string[]) =>
  pairs.map((pair) => {
    const [source = '', target = ''] = pair.split('>');
    return { source, target };
  });
const columns = (ids: string[], ...pairs: string[]) =>
  Object.fromEntries([...layOut(ids, edges(...pairs))].map(([id, { column }]) => [id, column]));

it('puts everything right of its callers', () => {
  const found = columns(['db', 'user', 'shop', 'cart'], 'user>shop', 'shop>cart', 'cart>db', 'shop>db');
  expect(found).toEqual({ user: 0, shop: 1, cart: 2, db: 3 });
});

it('cuts circles where they are entered, and bears calls to itself and to what is not shown', () => {
  expect(columns(['a', 'b', 'c'], 'a>b', 'b>c', 'c>a', 'c>b')).toEqual({ a: 0, b: 1, c: 2 });
  expect(columns(['a', 'b'], 'a>a', 'a>ghost', 'ghost>b')).toEqual({ a: 0, b: 0 });
  expect(columns([])).toEqual({});
});

it('places neighbours beside each other, so that calls do not cross', () => {
  const places = layOut(['a', 'b', 'x', 'y'], edges('a>y', 'b>x'));
  expect(places.get('a')!.row).toBe(places.get('y')!.row);
  expect(places.get('b')!.row).toBe(places.get('x')!.row);
});

it('draws five hundred nodes at once', () => {
  const ids = Array.from({ length: 500 }, (_, index) => `s${index}`);
  const calls = ids.slice(1).map((target, index) => ({ source: ids[Math.floor(index / 3)]!, target }));
  expect(layOut(ids, calls).size).toBe(500);
});
