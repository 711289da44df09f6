import { describe, expect, it } from 'vitest';
import { AttributePacker, changeAttributes, packAttributes, packEntries } from './attribute-packer.ts';
import { NO_ATTRIBUTES } from './packed-attributes.ts';

function packed(...pairs: [string, string][]) {
  return packEntries(pairs, 16);
}

describe('packed attributes', () => {
  it('give back what was packed, in its order', () => {
    const record = { 'http.route': '/cart', empty: '', long: 'x'.repeat(300), ключ: '😀'.repeat(50), __proto: 'p' };
    const attributes = packAttributes(record);
    expect([...attributes]).toEqual(Object.entries(record));
    expect(attributes.get('http.route')).toBe('/cart');
    expect(attributes.get('ключ')).toBe('😀'.repeat(50));
    expect(attributes.get('none')).toBeUndefined();
    expect(attributes.has('empty')).toBe(true);
    expect(attributes.size).toBe(5);
  });

  it('take `__proto__` as a key like any other', () => {
    const attributes = packed(['__proto__', 'a'], ['constructor', 'b']);
    expect(Object.entries(attributes.toRecord())).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });

  it('keep the last value of a key at its first place', () => {
    expect([...packed(['a', '1'], ['b', '2'], ['a', '3'], ['c', '4'], ['b', '5'])]).toEqual([
      ['a', '3'],
      ['b', '5'],
      ['c', '4'],
    ]);
  });

  it('share the keys of lists that have the same ones', () => {
    const [one, two] = [packed(['a', '1'], ['b', '2']), packed(['a', '3'], ['b', '4'])];
    expect(two.keys).toBe(one.keys);
    expect(two.toRecord()).toEqual({ a: '3', b: '4' });
  });

  it('stand side by side in the bytes of one packer', () => {
    const packer = new AttributePacker(0);
    packer.set('a', '1');
    const first = packer.finish();
    const none = packer.finish();
    packer.set('a', '2');
    packer.set('a', '3');
    const second = packer.finish();
    packer.set('b', 'x'.repeat(1000));
    const third = packer.finish();
    expect([first, none, second, third].map((each) => each.toRecord())).toEqual([
      { a: '1' },
      {},
      { a: '3' },
      { b: 'x'.repeat(1000) },
    ]);
    expect(none).toBe(NO_ATTRIBUTES);
  });

  it('may have more keys, and longer ones, than are shared', () => {
    const pairs = Array.from({ length: 700 }, (_, index): [string, string] => [`key ${index}`, `value ${index}`]);
    pairs.push(['k'.repeat(2000), 'v'], ['key 5', 'again']);
    const attributes = packed(...pairs);
    expect(attributes.toRecord()).toEqual(Object.fromEntries(pairs));
    expect(attributes.keys.longest).toBe(2000);
  });

  it('survive keys that never come again', () => {
    for (let index = 0; index < 30_000; index++) {
      const attributes = packed(['same', 's'], [`key ${index}`, String(index)]);
      expect(attributes.get(`key ${index}`)).toBe(String(index));
    }
  });

  it('are changed as a copy', () => {
    const before = packed(['a', '1'], ['b', '2'], ['c', '3']);
    const after = changeAttributes(before, [
      ['b', 'new'],
      ['a', undefined],
      ['d', '4'],
      ['none', undefined],
    ]);
    expect([...after]).toEqual([
      ['b', 'new'],
      ['c', '3'],
      ['d', '4'],
    ]);
    expect(before.toRecord()).toEqual({ a: '1', b: '2', c: '3' });
  });
});

describe('values taken from UTF-8 bytes', () => {
  it.each([
    ['ascii', Buffer.from('plain')],
    ['long ascii', Buffer.from('x'.repeat(500))],
    ['multi-byte', Buffer.from('žluťoučký 😀')],
    ['broken', Buffer.from([0x61, 0xff, 0x62])],
    ['cut in a character', Buffer.from('x'.repeat(60)).fill(0xe2, 59)],
    ['long and broken', Buffer.concat([Buffer.from('y'.repeat(126)), Buffer.from([0xc3])])],
  ])('%s', (_, bytes) => {
    const packer = new AttributePacker(0);
    packer.values.utf8(bytes, 0, bytes.length);
    packer.endPairBytes(Buffer.from('-k-'), 1, 2);
    packer.set('after', 'a');
    expect(packer.finish().toRecord()).toEqual({ k: bytes.toString('utf8'), after: 'a' });
  });

  it('replaces a value that comes twice in a pair, and takes none as empty', () => {
    const packer = new AttributePacker(0);
    packer.values.text('first');
    packer.dropValue();
    packer.values.text('second');
    packer.endPair('a');
    packer.endPair('b');
    expect(packer.finish().toRecord()).toEqual({ a: 'second', b: '' });
  });
});
