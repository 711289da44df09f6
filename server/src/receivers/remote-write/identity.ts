import { type Labels, METRIC_NAME } from '../../model/labels.ts';

/** What a series is called. */
export interface Identity {
  readonly name: string;
  readonly labels: Labels;
}

/**
 * Collects the labels of one series. Senders sort them, and then a label that is there twice follows
 * itself; other orders are taken as well, and looked at more closely. An empty value is no label.
 */
export class IdentityBuilder {
  #name = '';
  readonly #labels: Record<string, string> = {};
  #previous = '';
  #valid = true;

  /** `undefined` stands for a text that is not UTF-8: mended, two series could become one. */
  add(name: string | undefined, value: string | undefined): void {
    if (name === undefined || value === undefined) {
      this.#valid = false;
      return;
    }
    if (name <= this.#previous) this.#checkUnsorted(name);
    this.#previous = name;
    if (value === '') return;
    if (name === METRIC_NAME) this.#name = value;
    else if (name === '__proto__') define(this.#labels, name, value);
    else this.#labels[name] = value;
  }

  #checkUnsorted(name: string): void {
    const twice = name === METRIC_NAME ? this.#name !== '' : Object.hasOwn(this.#labels, name);
    if (name === '' || name === this.#previous || twice) this.#valid = false;
  }

  /** The series, or `undefined` where it cannot be one. */
  finish(): Identity | undefined {
    return this.#valid && this.#name !== '' ? { name: this.#name, labels: this.#labels } : undefined;
  }
}

/** A plain assignment of `__proto__` would set no property. */
function define(labels: Record<string, string>, name: string, value: string): void {
  Object.defineProperty(labels, name, { value, enumerable: true, configurable: true, writable: true });
}
