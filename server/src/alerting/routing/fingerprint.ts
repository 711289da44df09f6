import type { Labels } from '../../model/labels.ts';

const SEPARATOR = 0xff;

/**
 * Names a label set as Prometheus and Alertmanager do: FNV-1a, 64 bits, 16 hex digits, over names and values in the
 * order of the names. https://pkg.go.dev/github.com/prometheus/common/model#LabelSet.Fingerprint
 */
export function fingerprintOfLabels(labels: Labels): string {
  const hash = new Fnv64();
  for (const name of Object.keys(labels).sort()) {
    hash.text(name);
    hash.byte(SEPARATOR);
    hash.text(labels[name]!);
    hash.byte(SEPARATOR);
  }
  return hash.toString();
}

/** Two halves, since a double holds 53 bits exactly. The prime is 2^40 + 435. */
class Fnv64 {
  #high = 0xcbf29ce4;
  #low = 0x84222325;

  byte(value: number): void {
    const low = (this.#low ^ value) >>> 0;
    const product = low * 435;
    this.#high = (this.#high * 435 + Math.floor(product / 0x1_0000_0000) + low * 256) % 0x1_0000_0000;
    this.#low = product >>> 0;
  }

  text(text: string): void {
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) {
        for (const value of Buffer.from(text.slice(index))) this.byte(value);
        return;
      }
      this.byte(code);
    }
  }

  toString(): string {
    return this.#high.toString(16).padStart(8, '0') + this.#low.toString(16).padStart(8, '0');
  }
}
