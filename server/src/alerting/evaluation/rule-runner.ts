import type { Clock } from '../../model/clock.ts';
import { labelsKey } from '../../model/labels.ts';
import type { AlertLinks } from '../kinds/composite/alert-links.ts';
import { kindOf } from '../kinds/registry.ts';
import type { FoundAlert } from '../rule-groups/ask-rule.ts';
import type { Evaluator } from './evaluator.ts';
import type { LiveRule } from './live-rule.ts';
import type { Outcome } from './observe.ts';
import type { Scheduler } from './scheduler.ts';

export interface RuleRunnerOptions {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly evaluator: Evaluator;
  readonly links: AlertLinks;
  /** Every rule that was there at the start was looked at: what inhibits is known. */
  readonly onAllSeen: () => void;
}

/** How long a new or changed alert may take to show its first state in the answer. */
const FIRST_LOOK_MS = 3000;

/** Has rules looked at when it is their time. */
export class RuleRunner {
  readonly #options: RuleRunnerOptions;
  /** Rules that were not looked at since the start: what they would find may inhibit. */
  readonly #unseen = new Set<string>();
  #failures = 0;

  constructor(options: RuleRunnerOptions) {
    this.#options = options;
  }

  /** Evaluations since the start that could not be stored. */
  get failures(): number {
    return this.#failures;
  }

  /** At the start: this rule is to be looked at before all were. */
  expect({ rule }: LiveRule): void {
    this.#unseen.add(rule.id);
  }

  /** At the start: no more rules are expected. */
  expectNoMore(): void {
    if (this.#unseen.size === 0) this.#options.onAllSeen();
  }

  /** Takes the rule off the schedule. */
  remove(id: string): void {
    this.#options.scheduler.remove(id);
  }

  /** Puts the rule on the schedule; true where it is to be looked at. */
  schedule(live: LiveRule): boolean {
    const { rule } = live;
    if (live.isGone || !rule.enabled || rule.origin) return false;
    if (kindOf(rule.condition).raisedBy === 'sender') return false;
    this.#options.scheduler.add({
      id: rule.id,
      intervalMs: rule.intervalMs,
      alsoAt: rule.endsAt,
      onMissed: (turns) => {
        live.missedEvaluations += turns;
      },
      run: (now, signal) =>
        live.turns.run(async () => {
          if (live.isGone || signal.aborted) return;
          try {
            await this.#options.evaluator.evaluate(live, now, signal);
            this.#seen(live);
          } catch (error) {
            this.#failures++;
            live.health = 'error';
            live.lastError = 'what the evaluation found could not be stored; it is tried again';
            throw error;
          }
        }),
    });
    return true;
  }

  /** What the query of a rule file's alert gave. */
  async evaluateFileAlert(live: LiveRule, outcome: Outcome, found: readonly FoundAlert[], now: number): Promise<void> {
    const annotations = new Map(found.map((alert) => [labelsKey(alert.labels), alert.annotations]));
    await live.turns.run(async () => {
      if (live.isGone) return;
      await this.#options.evaluator.apply(live, outcome, now, (key) => annotations.get(key));
    });
    this.#seen(live);
  }

  #seen({ rule }: LiveRule): void {
    this.#options.links.evaluated(rule.id);
    if (this.#unseen.delete(rule.id) && this.#unseen.size === 0) this.#options.onAllSeen();
  }

  /** Evaluates a new or changed rule at once, so that the answer can show what came of it; gives up waiting soon. */
  async takeUp(live: LiveRule): Promise<void> {
    this.#options.links.refresh();
    this.schedule(live);
    const { promise: patience, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.setTimer(FIRST_LOOK_MS, resolve);
    await Promise.race([this.#options.scheduler.runNow(live.rule.id), patience]);
    timer.cancel();
  }
}
