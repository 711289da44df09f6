import { Serial } from '../../lib/serial.ts';
import { invalid, notFound } from '../../model/errors.ts';
import { type ControlStore, deleteRuleFile, listRuleFiles, saveRuleFile } from '../../stores/control/index.ts';
import type { LiveRule } from '../evaluation/live-rule.ts';
import type { ConfiguredRules, LoadedRuleFile } from '../rule-files/configured-rules.ts';
import { parseRuleFile } from '../rule-files/parse-rule-file.ts';
import type { RuleGroup } from '../rule-files/rule-file.ts';
import type { RuleOrigin } from '../rules/alert-rule.ts';
import type { PreparedRule } from '../rules/prepare-rule.ts';
import { fileAlertRule } from './file-alert-rule.ts';
import { type LiveGroup, liveGroup } from './live-group.ts';
import type { RuleGroups } from './rule-groups.ts';

/** The alerts that rule files make, as the book changes them. */
interface FileAlerts {
  list(): readonly LiveRule[];
  add(prepared: PreparedRule, by: string): Promise<LiveRule>;
  change(live: LiveRule, prepared: PreparedRule, by: string): Promise<void>;
  drop(live: LiveRule, by: string): Promise<void>;
}

export interface RuleFileBookOptions {
  readonly store: ControlStore;
  readonly groups: RuleGroups;
  readonly alerts: FileAlerts;
  readonly configured: ConfiguredRules;
}

/** Names of alerts, by what became of them. */
export interface RuleFileReport {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
}

/** A file in force. */
export interface RuleFileView extends LoadedRuleFile {
  readonly source: 'file' | 'api';
  /** Of an imported one. */
  readonly saved: { readonly at: number; readonly by: string } | null;
}

const BY = 'rule files';
const SEPARATOR = '\u0000';

/** Rule files in force: those that the configuration names, and those that were imported by the API. */
export class RuleFileBook {
  readonly #options: RuleFileBookOptions;
  readonly #turns = new Serial();
  #configured: ConfiguredRules;
  #files: readonly RuleFileView[] = [];

  constructor(options: RuleFileBookOptions) {
    this.#options = options;
    this.#configured = options.configured;
  }

  list(): readonly RuleFileView[] {
    return this.#files;
  }

  /** Takes up all files, and makes the alerts what they say. */
  load(): Promise<RuleFileReport> {
    return this.#turns.run(() => this.#sync());
  }

  /** From now on the configuration names these. */
  configure(configured: ConfiguredRules): Promise<RuleFileReport> {
    return this.#turns.run(() => {
      this.#configured = configured;
      return this.#sync();
    });
  }

  /** Keeps a file under a name, in place of one of that name. Throws 422 naming every mistake with its line. */
  import(name: string, source: string, by: string, now: number): Promise<RuleFileReport> {
    const { file, problems } = parseRuleFile(source);
    if (problems.length > 0) {
      throw invalid(...problems.map(({ line, column, message }) => ({ path: `line ${line}:${column}`, message })));
    }
    if (file.groups.length === 0) throw invalid({ path: 'groups', message: 'the file has no group of rules' });
    if (this.#configured.files.some((configured) => configured.name === name)) {
      throw invalid({ path: 'file', message: 'the configuration names a file like this: choose another name' });
    }
    return this.#turns.run(async () => {
      await saveRuleFile(this.#options.store.db, { name, source, saved_at: now, saved_by: by });
      return await this.#sync();
    });
  }

  /** Throws 404 where no imported file has this name. */
  remove(name: string): Promise<RuleFileReport> {
    return this.#turns.run(async () => {
      if (!(await deleteRuleFile(this.#options.store.db, name))) throw notFound(`no rule file was imported as ${name}`);
      return await this.#sync();
    });
  }

  async #sync(): Promise<RuleFileReport> {
    const imported = await listRuleFiles(this.#options.store.db);
    this.#files = [
      ...this.#configured.files.map((file) => ({ ...file, source: 'file' as const, saved: null })),
      ...imported.map(({ name, source, saved_at: at, saved_by: by }) => ({
        name,
        // It was good when it was kept.
        groups: parseRuleFile(source).file.groups,
        source: 'api' as const,
        saved: { at, by },
      })),
    ];
    const report = { created: [], updated: [], removed: [], unchanged: [] };
    const groups = await this.#adopt(report);
    await this.#options.groups.replace(groups, this.#configured.externalLabels);
    return report;
  }

  /** Makes the alerts of all files, and takes away those that no file has any more. */
  async #adopt(report: { [Kind in keyof RuleFileReport]: string[] }): Promise<LiveGroup[]> {
    const { alerts } = this.#options;
    const known = new Map(alerts.list().flatMap((live) => (live.rule.origin ? [[keyOf(live.rule.origin), live]] : [])));
    const groups: LiveGroup[] = [];
    for (const { name, groups: ofFile } of this.#files) {
      for (const group of ofFile) {
        const lives = new Map<number, LiveRule>();
        for (const [place, origin] of originsOf(name, group)) {
          const live = known.get(keyOf(origin));
          known.delete(keyOf(origin));
          lives.set(place, await this.#adoptOne(group, place, origin, live, report));
        }
        groups.push(liveGroup(name, group, this.#configured, (place) => lives.get(place)));
      }
    }
    for (const live of known.values()) {
      await alerts.drop(live, BY);
      report.removed.push(live.rule.name);
    }
    return groups;
  }

  async #adoptOne(
    group: RuleGroup,
    place: number,
    origin: RuleOrigin,
    live: LiveRule | undefined,
    report: { [Kind in keyof RuleFileReport]: string[] },
  ): Promise<LiveRule> {
    const { alerts } = this.#options;
    const rule = group.rules[place]!;
    if (rule.kind !== 'alert') throw new Error('only alerting rules have origins');
    const made = { ...fileAlertRule(rule, group, group.intervalMs ?? this.#configured.intervalMs), origin };
    if (!live) {
      report.created.push(rule.name);
      return await alerts.add(made, BY);
    }
    const wanted = { ...made, notify: live.rule.notify, enabled: live.rule.enabled };
    const { id: _, version: __, createdAt: ___, updatedAt: ____, ...present } = live.rule;
    const isSame = JSON.stringify(sorted(present)) === JSON.stringify(sorted(wanted));
    if (!isSame) await alerts.change(live, wanted, BY);
    report[isSame ? 'unchanged' : 'updated'].push(rule.name);
    return live;
  }
}

function sorted(rule: object): [string, unknown][] {
  return Object.entries(rule).sort(([a], [b]) => (a < b ? -1 : 1));
}

function keyOf({ file, group, alert, occurrence }: RuleOrigin): string {
  return [file, group, alert, occurrence].join(SEPARATOR);
}

/** The alerting rules of a group by their place; those of one name are told apart by their order. */
function* originsOf(file: string, group: RuleGroup): Generator<[number, RuleOrigin]> {
  const seen = new Map<string, number>();
  for (const [place, { kind, name }] of group.rules.entries()) {
    if (kind !== 'alert') continue;
    const occurrence = seen.get(name) ?? 0;
    seen.set(name, occurrence + 1);
    yield [place, { file, group: group.name, alert: name, occurrence }];
  }
}
