import { createHmac } from 'node:crypto';
import type { AttributeKeys } from '../../model/attribute-keys.ts';
import { changeAttributes } from '../../model/attribute-packer.ts';
import type { PackedAttributes } from '../../model/packed-attributes.ts';
import type { RedactionAction, RedactionRule } from './redaction-rule.ts';
import type { SecretPattern } from './secret-pattern.ts';

const MASK = '[redacted]';

/** What becomes of an attribute by its key; `undefined`: its value decides. */
type Plan = readonly (RedactionAction | undefined)[];

/** Applies the rules, in their order, to texts and attributes. Each gives back the very same thing where nothing was found. */
export class Redactor {
  readonly #rules: readonly RedactionRule[];
  readonly #hashKey: string;
  readonly #patterns: readonly { readonly pattern: SecretPattern; readonly replace: (secret: string) => string }[];
  /** Lists with the same keys share their `AttributeKeys`: keys are looked at once for all of them. */
  readonly #plans = new WeakMap<AttributeKeys, Plan>();

  /** `hashKey`: what hashes are made with, so that nobody can guess a value by hashing likely ones. */
  constructor(rules: readonly RedactionRule[], hashKey: string) {
    this.#rules = rules;
    this.#hashKey = hashKey;
    this.#patterns = rules.flatMap(({ action, values }) =>
      values.map((pattern) => ({ pattern, replace: (secret: string) => this.#replacement(action, secret) })),
    );
  }

  text(text: string, onRedacted: () => void): string {
    let result = text;
    for (const { pattern, replace } of this.#patterns) result = pattern(result, replace);
    if (result !== text) onRedacted();
    return result;
  }

  attributes(attributes: PackedAttributes, onRedacted: () => void): PackedAttributes {
    const plan = this.#planOf(attributes.keys);
    if (this.#patterns.length === 0 && plan.every((action) => action === undefined)) return attributes;
    const changes: [string, string | undefined][] = [];
    let index = 0;
    for (const [key, value] of attributes) {
      const action = plan[index++];
      const result = action === undefined ? this.text(value, onRedacted) : this.#whole(action, value, onRedacted);
      if (result !== value) changes.push([key, result]);
    }
    return changes.length === 0 ? attributes : changeAttributes(attributes, changes);
  }

  #whole(action: RedactionAction, value: string, onRedacted: () => void): string | undefined {
    onRedacted();
    return action === 'delete' ? undefined : this.#replacement(action, value);
  }

  /** A part of a text that is deleted leaves nothing. */
  #replacement(action: RedactionAction, secret: string): string {
    if (action === 'mask') return MASK;
    if (action === 'delete') return '';
    return `hmac:${createHmac('sha256', this.#hashKey).update(secret).digest('hex').slice(0, 16)}`;
  }

  #planOf(keys: AttributeKeys): Plan {
    let plan = this.#plans.get(keys);
    if (!plan) {
      plan = keys.list.map((key) => {
        const lower = key.toLowerCase();
        return this.#rules.find((rule) => rule.keys.some((test) => test(lower)))?.action;
      });
      this.#plans.set(keys, plan);
    }
    return plan;
  }
}
