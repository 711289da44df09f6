import { isDeepStrictEqual } from 'node:util';
import { Serial } from '../../lib/serial.ts';
import { type Issue, invalid, ServiceError } from '../../model/errors.ts';
import type { Choices } from '../configuration/choices.ts';
import type { LiveRule } from '../evaluation/live-rule.ts';
import type { AlertDirectory } from '../kinds/rule-kind.ts';
import type { AlertForm } from '../rules/alert-rule.ts';
import type { PreparedRule } from '../rules/prepare-rule.ts';

/** What a form may name. */
interface AmongWhat {
  readonly choices: Choices;
  readonly directory: AlertDirectory;
}

/** The alerts in force, as this changes them. */
interface Alerts {
  list(): readonly LiveRule[];
  /** Throws 422 where the form contradicts itself. Left out: what there is now. */
  prepare(form: AlertForm, among?: AmongWhat): PreparedRule;
  add(prepared: PreparedRule, by: string): Promise<unknown>;
  change(live: LiveRule, prepared: PreparedRule, by: string): Promise<unknown>;
  drop(live: LiveRule, by: string): Promise<void>;
}

const BY = 'configuration';

/**
 * The alerts that the configuration file lists, told apart by their names. The file decides what they are; whether one
 * is paused, people decide here.
 */
export class ProvisionedAlerts {
  readonly #alerts: Alerts;
  readonly #turns = new Serial();

  constructor(alerts: Alerts) {
    this.#alerts = alerts;
  }

  /**
   * Makes the provisioned alerts what these forms say, and takes away those that none names any more. Throws 422
   * naming every form that contradicts itself; then nothing has changed. Alerts of other alerts are worked out when
   * those are there: what is wrong with them is told after the rest was taken.
   */
  configure(forms: readonly AlertForm[]): Promise<void> {
    return this.#turns.run(async () => {
      const ofAlerts = forms.filter((form) => form.queryLanguage === 'alerts');
      const wanted = this.#prepareAll(forms.filter((form) => !ofAlerts.includes(form)));
      const known = new Map(
        this.#alerts.list().flatMap((live) => (live.rule.provisioned ? [[live.rule.name, live] as const] : [])),
      );
      const apply = async (prepared: PreparedRule) => {
        const live = known.get(prepared.name);
        if (!live) await this.#alerts.add(prepared, BY);
        else await this.#bringUpToDate(live, prepared);
      };
      for (const prepared of wanted) await apply(prepared);
      for (const prepared of this.#prepareAll(ofAlerts)) await apply(prepared);
      for (const live of known.values()) {
        if (!forms.some(({ name }) => name === live.rule.name)) await this.#alerts.drop(live, BY);
      }
    });
  }

  /** What would be wrong with these forms, among such receivers and policies and with rule files' alerts of these names. */
  issues(forms: readonly AlertForm[], choices: Choices, ruleFileAlerts: readonly string[]): Issue[] {
    const others = this.#alerts.list().flatMap(({ rule }) => (rule.provisioned || rule.origin ? [] : [rule.name]));
    const names = [...others, ...ruleFileAlerts, ...forms.map(({ name }) => name)];
    const directory = { alerts: names.map((name, index) => ({ id: `${index}`, name, members: [] })) };
    return this.#judge(forms, { choices, directory }).issues;
  }

  async #bringUpToDate(live: LiveRule, prepared: PreparedRule): Promise<void> {
    const { id: _, version: __, createdAt: ___, updatedAt: ____, ...present } = live.rule;
    const wanted = { ...prepared, enabled: live.rule.enabled };
    // As they are stored: what is undefined is not there.
    if (isDeepStrictEqual(plain(present), plain(wanted))) return;
    await this.#alerts.change(live, wanted, BY);
  }

  #prepareAll(forms: readonly AlertForm[]): PreparedRule[] {
    const { prepared, issues } = this.#judge(forms);
    if (issues.length > 0) throw invalid(...issues);
    return prepared;
  }

  #judge(forms: readonly AlertForm[], among?: AmongWhat): { prepared: PreparedRule[]; issues: Issue[] } {
    const issues: Issue[] = [];
    const prepared = forms.flatMap((form) => {
      try {
        return [{ ...this.#alerts.prepare(form, among), provisioned: true as const }];
      } catch (error) {
        if (!(error instanceof ServiceError) || error.code !== 'invalid') throw error;
        issues.push(...error.issues.map(({ path, message }) => ({ path: `alerts["${form.name}"].${path}`, message })));
        return [];
      }
    });
    return { prepared, issues };
  }
}

function plain(rule: object): unknown {
  return JSON.parse(JSON.stringify(rule));
}
