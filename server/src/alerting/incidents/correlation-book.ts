import { newId } from '../../lib/id.ts';
import { type Issue, invalid, notFound, ServiceError } from '../../model/errors.ts';
import type { LabelMatcher } from '../../model/label-matcher.ts';
import {
  type ControlStore,
  deleteCorrelationRule,
  listCorrelationRules,
  type StoredCorrelationRule,
  saveCorrelationRule,
} from '../../stores/control/index.ts';
import { compileMatchers } from '../routing/label-matchers.ts';
import type { ConfiguredCorrelation, CorrelationRule } from './correlation-rule.ts';
import type { TriedRule } from './preview-rule.ts';

/** What a person says about a rule. */
export interface CorrelationForm {
  readonly name: string;
  readonly matchers: readonly LabelMatcher[];
  readonly keys: readonly string[];
  readonly windowMs: number;
  readonly enabled: boolean;
}

const MOST_RULES = 200;
const LONGEST_WINDOW_MS = 7 * 86_400_000;

/** All correlation rules: those of the configuration file, then those of the API, the oldest first. */
export class CorrelationBook {
  readonly #store: ControlStore;
  #configured: readonly CorrelationRule[];
  readonly #onChange: (rules: readonly CorrelationRule[]) => void;
  #stored: CorrelationRule[] = [];

  /** `onChange` is called with all rules, in their order, after every change. */
  constructor(
    store: ControlStore,
    configured: ConfiguredCorrelation,
    onChange: (rules: readonly CorrelationRule[]) => void,
  ) {
    this.#store = store;
    this.#onChange = onChange;
    this.#configured = fromConfigured(configured);
  }

  /** From now on the configuration file has these. */
  configure(configured: ConfiguredCorrelation): void {
    this.#configured = fromConfigured(configured);
    this.#onChange(this.list());
  }

  async load(): Promise<void> {
    this.#keep((await listCorrelationRules(this.#store.db)).map(fromStored));
  }

  /** In the order in which they are tried. */
  list(): readonly CorrelationRule[] {
    return [...this.#configured, ...this.#stored];
  }

  /** Throws 404. */
  get(id: string): CorrelationRule {
    const rule = this.list().find((one) => one.id === id);
    if (!rule) throw notFound(`there is no correlation rule with the id ${id}`);
    return rule;
  }

  /** Throws 422 naming what is wrong, 409 where the name is taken or there are too many. */
  async create(form: CorrelationForm, by: string, now: number): Promise<CorrelationRule> {
    if (this.#stored.length >= MOST_RULES) {
      throw new ServiceError('conflict', `there are ${MOST_RULES} correlation rules already`);
    }
    return this.#save({ ...this.#checked(form), id: newId(), createdBy: by, createdAt: now, updatedAt: now });
  }

  /** Throws 404, 409 where the configuration file has the rule, 422. */
  async update(id: string, patch: Partial<CorrelationForm>, now: number): Promise<CorrelationRule> {
    const before = this.#own(id);
    const form = { ...before, matchers: before.matchers.matchers, ...patch };
    return this.#save({ ...before, ...this.#checked(form, id), updatedAt: now });
  }

  /** Not kept. Throws 422 naming what is wrong. */
  tried(form: Pick<CorrelationForm, 'matchers' | 'keys' | 'windowMs'>): TriedRule {
    checkScope(form);
    return { ...form, matchers: compileMatchers(form.matchers) };
  }

  /** What was joined by it stays joined. Throws 404, 409. */
  async remove(id: string): Promise<void> {
    this.#own(id);
    await deleteCorrelationRule(this.#store.db, id);
    this.#keep(this.#stored.filter((rule) => rule.id !== id));
  }

  #own(id: string): CorrelationRule {
    const rule = this.get(id);
    if (rule.isConfigured) throw new ServiceError('conflict', 'the configuration file has this rule: change it there');
    return rule;
  }

  #checked({ name, matchers, keys, windowMs, enabled }: CorrelationForm, id?: string) {
    checkScope({ matchers, keys, windowMs });
    if (this.list().some((one) => one.name === name && one.id !== id)) {
      throw new ServiceError('conflict', `there is a correlation rule with the name ${name} already`);
    }
    return { name, matchers: compileMatchers(matchers), keys, windowMs, enabled, isConfigured: false };
  }

  async #save(rule: CorrelationRule): Promise<CorrelationRule> {
    await saveCorrelationRule(this.#store.db, toStored(rule));
    this.#keep([...this.#stored.filter(({ id }) => id !== rule.id), rule]);
    return rule;
  }

  #keep(stored: readonly CorrelationRule[]): void {
    this.#stored = [...stored].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.#onChange(this.list());
  }
}

function fromConfigured({ rules }: ConfiguredCorrelation): CorrelationRule[] {
  return rules.map((rule) => ({
    ...rule,
    id: `config:${rule.name}`,
    matchers: compileMatchers(rule.matchers),
    enabled: true,
    createdBy: 'the configuration file',
    createdAt: 0,
    updatedAt: 0,
    isConfigured: true,
  }));
}

/** Throws 422. */
function checkScope({ matchers, keys, windowMs }: Pick<CorrelationForm, 'matchers' | 'keys' | 'windowMs'>): void {
  const issues: Issue[] = [];
  if (matchers.length === 0 && keys.length === 0) {
    issues.push({ path: 'keys', message: 'name labels in keys, or matchers, or both' });
  }
  if (windowMs <= 0 || windowMs > LONGEST_WINDOW_MS) {
    issues.push({ path: 'window', message: 'must be above zero and at most 7d' });
  }
  if (issues.length > 0) throw invalid(...issues);
}

function toStored(rule: CorrelationRule): StoredCorrelationRule {
  return {
    id: rule.id,
    name: rule.name,
    matchers: JSON.stringify(rule.matchers.matchers),
    keys: JSON.stringify(rule.keys),
    window_ms: rule.windowMs,
    enabled: rule.enabled ? 1 : 0,
    created_by: rule.createdBy,
    created_at: rule.createdAt,
    updated_at: rule.updatedAt,
  };
}

function fromStored(row: StoredCorrelationRule): CorrelationRule {
  return {
    id: row.id,
    name: row.name,
    matchers: compileMatchers(JSON.parse(row.matchers) as LabelMatcher[]),
    keys: JSON.parse(row.keys) as string[],
    windowMs: row.window_ms,
    enabled: row.enabled === 1,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    isConfigured: false,
  };
}
