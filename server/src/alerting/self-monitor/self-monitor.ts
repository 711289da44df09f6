import { PeriodicTask } from '../../lib/periodic-task.ts';
import type { Clock } from '../../model/clock.ts';
import type { Labels } from '../../model/labels.ts';
import type { Logger } from '../../model/logger.ts';
import type { ChannelName } from '../../model/notification-request.ts';
import type { Severity } from '../../model/severity.ts';
import type { ExternalAlert } from '../external/external-alert.ts';
import type { RoutedAlert } from '../grouping/routed-alert.ts';
import { fingerprintOfLabels } from '../routing/fingerprint.ts';

/** Something that is wrong with the service itself. */
export interface SelfFinding {
  /** Name of the built-in alert. */
  readonly alert: string;
  /** What it is about, where there may be several. */
  readonly labels?: Labels;
  readonly severity: Severity;
  readonly summary: string;
  /** The channel that does not work: the alert goes by others. */
  readonly channel?: ChannelName;
  /** True: the default recipients are told, whatever the routing says, which may go by what is broken. */
  readonly pastRouting?: boolean;
}

/** One thing that is looked after. Rejects where it cannot be looked at, which is a finding, too. */
export interface SelfCheck {
  readonly name: string;
  readonly look: () => Promise<readonly SelfFinding[]>;
}

export interface SelfMonitorOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly checks: readonly SelfCheck[];
  /** Raises and ends alerts. */
  readonly post: (alerts: readonly ExternalAlert[]) => Promise<readonly string[]>;
  /** Alerts of other programs, and of this, that fire. */
  readonly firing: () => Iterable<RoutedAlert>;
  /** Channels by which the default recipients can be reached. */
  readonly defaultChannels: () => readonly ChannelName[];
}

const CHECK_MS = 15_000;
/** What takes longer is given up: a check that hangs is one that does not look. */
const LONGEST_CHECK_MS = 10_000;
/** What is found so often in a row is an alert. */
const CHECKS_TO_RAISE = 3;
/** What is not found so often in a row is over. */
const CHECKS_TO_END = 4;
const RAISE_AGAIN_MS = 60_000;
const LASTS_MS = 3650 * 86_400_000;
const OWN = 'system-service';

/**
 * Watches the service itself and raises what is wrong as alerts like any other, under the label `monitor`. What a
 * channel's failure is about does not go by that channel.
 */
export class SelfMonitor {
  readonly #options: SelfMonitorOptions;
  readonly #task: PeriodicTask;
  /** By fingerprint: how often in a row it was found, or (below zero) was not. */
  readonly #streaks = new Map<string, number>();
  readonly #raisedAt = new Map<string, number>();
  #isBusy = false;

  constructor(options: SelfMonitorOptions) {
    this.#options = options;
    this.#task = new PeriodicTask(options.clock, CHECK_MS, () => this.#run());
  }

  start(): void {
    this.#task.start();
  }

  stop(): Promise<void> {
    return this.#task.stop();
  }

  get busy(): boolean {
    return this.#isBusy;
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    try {
      await this.#look();
    } catch (error) {
      this.#options.logger.error({ err: error }, 'the service could not look after itself; it is tried again');
    } finally {
      this.#isBusy = false;
    }
  }

  async #look(): Promise<void> {
    const { clock, checks, firing, post } = this.#options;
    const now = clock.now();
    const found = new Map(
      (await this.#findings(checks)).map((finding) => [fingerprintOfLabels(labelsOf(finding)), finding]),
    );
    const own = new Map(
      [...firing()].flatMap((alert) => (alert.labels.monitor === OWN ? [[alert.fingerprint, alert]] : [])),
    );
    const news: ExternalAlert[] = [];
    for (const [fingerprint, finding] of found) {
      const streak = this.#count(fingerprint, true);
      const isDue = now - (this.#raisedAt.get(fingerprint) ?? 0) >= RAISE_AGAIN_MS;
      if (streak < CHECKS_TO_RAISE || own.has(fingerprint) || !isDue) continue;
      this.#raisedAt.set(fingerprint, now);
      news.push(this.#alertOf(finding, now));
    }
    for (const fingerprint of new Set([...own.keys(), ...this.#streaks.keys()])) {
      if (found.has(fingerprint)) continue;
      const isOver = this.#count(fingerprint, false) <= -CHECKS_TO_END;
      if (!isOver) continue;
      this.#streaks.delete(fingerprint);
      const alert = own.get(fingerprint);
      if (alert) news.push({ labels: alert.labels, annotations: {}, startsAt: null, endsAt: now, generatorUrl: '' });
    }
    if (news.length > 0) await post(news);
  }

  /** What the checks find; one that fails or hangs keeps none of the others from looking. */
  async #findings(checks: readonly SelfCheck[]): Promise<SelfFinding[]> {
    const found = await Promise.all(
      checks.map(async ({ name, look }): Promise<readonly SelfFinding[]> => {
        try {
          return await this.#inTime(look());
        } catch (error) {
          this.#options.logger.error({ err: error, check: name }, 'a check of the service itself failed');
          const summary = `the service cannot look after its ${name}: the check failed or took too long`;
          return [{ alert: 'SelfCheckFailed', labels: { check: name }, severity: 'error', summary, pastRouting: true }];
        }
      }),
    );
    return found.flat();
  }

  async #inTime<Result>(work: Promise<Result>): Promise<Result> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = this.#options.clock.setTimer(LONGEST_CHECK_MS, () => reject(new Error('no answer in time')));
    try {
      return await Promise.race([work, late]);
    } finally {
      timer.cancel();
    }
  }

  #count(fingerprint: string, isFound: boolean): number {
    const before = this.#streaks.get(fingerprint) ?? 0;
    const streak = isFound ? Math.max(0, before) + 1 : Math.min(0, before) - 1;
    this.#streaks.set(fingerprint, streak);
    return streak;
  }

  #alertOf(finding: SelfFinding, now: number): ExternalAlert {
    const { summary, channel, pastRouting } = finding;
    const others = this.#options.defaultChannels().filter((one) => one !== channel);
    // Past the routing, which may know the failing channel only.
    const byOthers = channel !== undefined && others.length > 0 ? others : null;
    const direct = (pastRouting || byOthers !== null) && { users: [], channels: byOthers, receiver: null };
    return {
      labels: labelsOf(finding),
      annotations: { summary },
      startsAt: now,
      endsAt: now + LASTS_MS,
      generatorUrl: '',
      ...(direct && { direct }),
    };
  }
}

function labelsOf({ alert, labels, severity }: SelfFinding): Labels {
  return { ...labels, alertname: alert, severity, service: OWN, monitor: OWN };
}
