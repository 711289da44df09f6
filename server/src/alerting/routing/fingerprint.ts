import { type Labels, sortedNames } from '../../model/labels.ts';

const SEPARATOR = 0xff;
const WORD = Buffer.alloc(8);

/**
 * Names a label set as Prometheus and Alertmanager do: FNV-1a, 64 bits, 16 hex digits, over names and values in the
 * order of the names. https://pkg.go.dev/github.com/prometheus/common/model#LabelSet.Fingerprint
 */
export function fingerprintOfLabels(labels: Labels): string {
  // Two halves of 32 bits, multiplied by the prime 2^40 + 435 in steps that integers hold. One loop over plain numbers:
  // this runs for every alert that comes in.
  let high = 0xcbf29ce4 | 0;
  let low = 0x84222325 | 0;
  const names = sortedNames(labels);
  for (let part = 0; part < 2 * names.length; part++) {
    const name = names[part >> 1]!;
    const text = bytesOf(part % 2 === 0 ? name : labels[name]!);
    for (let index = 0; index <= text.length; index++) {
      low ^= index === text.length ? SEPARATOR : text.charCodeAt(index);
      const right = (low & 0xffff) * 435;
      const left = (low >>> 16) * 435 + (right >>> 16);
      high = (Math.imul(high, 435) + (left >>> 16) + (low << 8)) | 0;
      low = (left << 16) | (right & 0xffff);
    }
  }
  WORD.writeInt32BE(high, 0);
  WORD.writeInt32BE(low, 4);
  return WORD.toString('hex');
}

/** A text whose characters are the bytes of this one in UTF-8. */
function bytesOf(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');
}
