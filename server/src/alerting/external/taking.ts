import { newId } from '../../lib/id.ts';
import type { Serial } from '../../lib/serial.ts';
import type { Labels } from '../../model/labels.ts';
import { insertRule } from '../../stores/control/index.ts';
import { changed, type Instance, type LiveRule, liveRule } from '../evaluation/live-rule.ts';
import type { AlertTable } from '../grouping/alert-table.ts';
import type { DirectRecipients, RoutedAlert } from '../grouping/routed-alert.ts';
import type { Turn } from '../grouping/turn.ts';
import { directOf } from '../notices/routed-moment.ts';
import { fingerprintOfLabels } from '../routing/fingerprint.ts';
import type { AlertRule } from '../rules/alert-rule.ts';
import { toStored } from '../rules/stored-rule.ts';
import { type ExternalAlert, merged, severityOf, type TimedAlert, timed } from './external-alert.ts';
import { ExternalInstance, episodeRow, externalRule, resolveExternal } from './external-rows.ts';

interface TakingContext {
  readonly table: AlertTable;
  /** By their ids. */
  readonly rules: ReadonlyMap<string, LiveRule>;
  /** The turns that new rules take with the others. */
  readonly turns: Serial;
  readonly resolveTimeoutMs: number;
  /** The rule of that name, unless it is to be made. */
  rule(name: string): LiveRule | undefined;
  /** The name under which an alert with these labels runs. */
  nameOf(labels: Labels): string;
}

/** An alert that does not fire yet. */
interface FreshAlert {
  readonly said: TimedAlert;
  readonly fingerprint: string;
  readonly direct: DirectRecipients | undefined;
}

const MOST_FIRING = 100_000;

/** What one transaction takes over; it may be tried again, so that nothing outside of it changes before it is done. */
export class Taking {
  /** Rules that are new, by name. */
  readonly fresh = new Map<string, LiveRule>();
  readonly changes: { readonly live: LiveRule; readonly key: string; readonly instance: Instance | undefined }[] = [];
  /** When the first of what fires now ends. */
  firstEnd = Number.POSITIVE_INFINITY;
  readonly #context: TakingContext;
  readonly #turn: Turn;
  readonly #now: number;

  constructor(turn: Turn, now: number, context: TakingContext) {
    this.#context = context;
    this.#turn = turn;
    this.#now = now;
  }

  /** A promise where there is something to wait for: most alerts are known, or of a name that is. */
  take(alert: ExternalAlert): Promise<void> | undefined {
    const { table, rules, resolveTimeoutMs, nameOf } = this.#context;
    const now = this.#now;
    const said = timed(alert, now, resolveTimeoutMs);
    const fingerprint = fingerprintOfLabels(said.labels);
    const known = table.external.get(fingerprint);
    if (said.endsAt > now) this.firstEnd = Math.min(this.firstEnd, said.endsAt);
    if (known) {
      const next = merged(known, said, now);
      if (said.endsAt > now) {
        this.#turn.refresh(next);
        return undefined;
      }
      this.changes.push({
        live: rules.get(known.ruleId) ?? this.#liveOf(known),
        key: fingerprint,
        instance: undefined,
      });
      resolveExternal(next, 'recovered', this.#turn);
      return undefined;
    }
    const fresh = { said, fingerprint, direct: alert.direct };
    const name = nameOf(said.labels);
    const live = this.#context.rule(name) ?? this.fresh.get(name);
    if (!live) return this.#addRule(name, severityOf(said.labels)).then((added) => this.#takeFresh(fresh, added));
    this.#takeFresh(fresh, live);
    return undefined;
  }

  #takeFresh({ said, fingerprint, direct }: FreshAlert, live: LiveRule): void {
    const { table } = this.#context;
    const now = this.#now;
    const closed = live.instances.get(fingerprint);
    if (said.endsAt <= now) {
      // Over before we heard of it; what was closed by hand was clear once, and may fire again.
      if (closed) this.changes.push({ live, key: fingerprint, instance: undefined });
      return;
    }
    if (!live.rule.enabled) return;
    if (table.external.size >= MOST_FIRING) throw new Error(`${MOST_FIRING} alerts fire already`);
    if (closed?.state.closed && (closed.state.closed.until === null || now < closed.state.closed.until)) {
      this.changes.push({
        live,
        key: fingerprint,
        instance: changed(closed, { state: { ...closed.state, observedAt: now } }),
      });
      return;
    }
    const severity = severityOf(said.labels);
    const { labels, annotations, startsAt, endsAt, isTimeout, generatorUrl } = said;
    const routed: RoutedAlert = {
      id: newId(),
      ruleId: live.rule.id,
      fingerprint,
      labels,
      annotations,
      severity,
      startsAt,
      endsAt,
      isTimeout,
      resolvedAt: null,
      generatorUrl,
      direct: direct ?? directOf(live.rule),
      details: null,
      updatedAt: now,
      acknowledgement: null,
    };
    this.#turn.episode(episodeRow(routed, live.rule, now));
    // That it fired stands in its timeline without a row of its own, see `firedEvent`.
    this.#turn.fire(routed);
    this.changes.push({ live, key: fingerprint, instance: new ExternalInstance(routed) });
  }

  #liveOf({ ruleId }: RoutedAlert): LiveRule {
    for (const live of this.fresh.values()) if (live.rule.id === ruleId) return live;
    throw new TypeError(`there is no rule ${ruleId}`);
  }

  async #addRule(name: string, severity: AlertRule['severity']): Promise<LiveRule> {
    const rule = externalRule(name, severity, this.#now);
    await insertRule(this.#turn.executor, toStored(rule), 'alertmanager');
    const live = liveRule(rule, this.#now, this.#context.turns);
    this.fresh.set(name, live);
    return live;
  }
}
