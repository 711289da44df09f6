import { parse } from 'yaml';
import {
  type AlertForm,
  Alerting,
  type AlertingOptions,
  type ConfiguredRouting,
  FORM_DEFAULTS,
  readConfiguredRouting,
  readCorrelation,
  type SelfFinding,
} from '../../server/src/alerting/index.ts';
import { ConfigMap } from '../../server/src/lib/config-map.ts';
import type { Issue } from '../../server/src/model/errors.ts';
import type { LabelMatcher } from '../../server/src/model/label-matcher.ts';
import type { Labels } from '../../server/src/model/labels.ts';
import { labelsKey } from '../../server/src/model/labels.ts';
import type { Logger } from '../../server/src/model/logger.ts';
import type { TimeRange } from '../../server/src/model/time-range.ts';
import { type NotificationSettings, Notifications } from '../../server/src/notifications/index.ts';
import { createPromqlEngine, type SeriesSource, type SourceSeries } from '../../server/src/query/promql/index.ts';
import type { ControlStore } from '../../server/src/stores/control/index.ts';
import { type ControlBackend, existingDatabase, type TestDatabase } from './control-stores.ts';
import { eventually } from './eventually.ts';
import { VirtualClock } from './virtual-clock.ts';

const TURNS_AT_ONCE = 5;

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** What the queries see: each series has the value that the test gave it last, until it is taken away. */
class Figures implements SeriesSource {
  readonly #series = new Map<string, { labels: Labels; value: number }>();
  /** Set: reading fails with it. */
  failure: Error | undefined;

  set(name: string, value: number, labels: Labels = {}): void {
    const all = { __name__: name, ...labels };
    this.#series.set(labelsKey(all), { labels: all, value });
  }

  remove(name: string, labels: Labels = {}): void {
    this.#series.delete(labelsKey({ __name__: name, ...labels }));
  }

  async select(matchers: readonly LabelMatcher[], range: TimeRange): Promise<SourceSeries[]> {
    if (this.failure) throw this.failure;
    const matches = (labels: Labels) =>
      matchers.every(({ name, operator, value }) => operator === '=' && (labels[name] ?? '') === value);
    return [...this.#series.values()]
      .filter(({ labels }) => matches(labels))
      .map(({ labels, value }) => ({
        labels,
        timestamps: Float64Array.of(range.end),
        values: Float64Array.of(value),
      }));
  }
}

export interface BenchOptions {
  /** Unix milliseconds. */
  readonly time?: number;
  readonly routing?: string;
  readonly maxInstances?: number;
  readonly detectFlapping?: boolean;
  readonly mostMessages?: number;
  /** Set: the service watches itself, and this besides. */
  readonly selfChecks?: () => SelfFinding[];
  /** Called at labelled points of escalation; what it throws ends the work there. */
  readonly crashPoint?: (label: string) => void;
  /** `correlation` of the configuration file, YAML. */
  readonly correlation?: string;
  /** Services and what they call. */
  readonly calls?: readonly (readonly [string, string])[];
  /** Services and the version that runs of each. */
  readonly versions?: Readonly<Record<string, string>>;
  /** What queries read, in place of `figures`. */
  readonly source?: SeriesSource;
  /** What rules on other data than metrics read. */
  readonly sources?: AlertingOptions['sources'];
  /** Channels by which deliveries leave; by default there is the inbox alone. */
  readonly settings?: Partial<NotificationSettings>;
}

function readRules(yaml: string) {
  const problems: Issue[] = [];
  const correlation = readCorrelation(new ConfigMap(parse(yaml), '', problems));
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return correlation;
}

function readRouting(yaml: string | undefined): ConfiguredRouting | undefined {
  const problems: Issue[] = [];
  const routing = yaml === undefined ? undefined : readConfiguredRouting(new ConfigMap(parse(yaml), '', problems));
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return routing;
}

/** Alerting and notifications on a real database, the real PromQL engine over given figures, and virtual time. */
export class AlertingBench {
  readonly figures = new Figures();
  readonly #database: TestDatabase;
  #clock: VirtualClock;
  #store!: ControlStore;
  #alerting!: Alerting;
  #notifications!: Notifications;

  readonly #maxInstances: number;
  readonly #options: BenchOptions;
  /** Who calls whom; a test may change it. */
  calls: readonly (readonly [string, string])[];
  /** Which version of a service runs; a test may change it. */
  versions: Readonly<Record<string, string>>;
  /** `alertmanager.yml` of the configuration file; without one, everything goes to the default recipients. */
  #routing: ConfiguredRouting | undefined;

  private constructor(database: TestDatabase, options: BenchOptions = {}) {
    this.#database = database;
    this.#clock = new VirtualClock(options.time);
    this.calls = options.calls ?? [];
    this.versions = options.versions ?? {};
    this.#maxInstances = options.maxInstances ?? 5;
    this.#options = options;
    this.#routing = readRouting(options.routing);
  }

  static async create(backend: ControlBackend, options: BenchOptions = {}): Promise<AlertingBench> {
    const bench = new AlertingBench(await backend.create(), options);
    await bench.#open();
    return bench;
  }

  /** On a database that is there already, at a time of day in Unix milliseconds. */
  static async on(url: string, time: number): Promise<AlertingBench> {
    const bench = new AlertingBench(existingDatabase(url), { time });
    await bench.#open();
    return bench;
  }

  get alerting(): Alerting {
    return this.#alerting;
  }

  /** An event of the platform. */
  async tellEvent(source: string, id: string, type: string, data: Record<string, unknown>): Promise<void> {
    const absent = { subject: null, time: this.#clock.now(), dataContentType: null, dataSchema: null, extensions: {} };
    await this.#notifications.events.accept([{ id, source, type, data, ...absent }]);
  }

  get clock(): VirtualClock {
    return this.#clock;
  }

  get notifications(): Notifications {
    return this.#notifications;
  }

  get store(): ControlStore {
    return this.#store;
  }

  async #open(): Promise<void> {
    const [clock, logger] = [this.#clock, silent];
    this.#store = await this.#database.open();
    const settings = { alertUsers: ['ops'], alertEmailTo: [], webhookAllowList: [], ...this.#options.settings };
    this.#notifications = new Notifications({ store: this.#store, clock, logger, settings, random: () => 1 });
    if (this.#options.settings) await this.#notifications.start();
    this.#alerting = new Alerting({
      store: this.#store,
      engine: createPromqlEngine({ source: this.#options.source ?? this.figures, clock }),
      ...(this.#options.sources && { sources: this.#options.sources }),
      notifications: this.#notifications,
      clock,
      logger,
      publicUrl: 'http://localhost:8013',
      maxInstances: this.#maxInstances,
      routing: this.#routing,
      ...(this.#options.correlation && { correlation: readRules(this.#options.correlation) }),
      dependencies: async () => this.calls.map(([source, target]) => ({ source, target })),
      versions: () => {
        const now = clock.now();
        const seen = Object.entries(this.versions);
        const times = { firstSeen: now - 1000, lastSeen: now };
        return seen.map(([service, version]) => ({ service, version, environment: '', ...times }));
      },
      mostMessages: this.#options.mostMessages,
      detectFlapping: this.#options.detectFlapping ?? false,
      selfChecks: this.#options.selfChecks,
      ...(this.#options.crashPoint && { crashPoint: this.#options.crashPoint }),
    });
    await this.#alerting.start();
  }

  /** A form with the usual defaults. */
  form(fields: Partial<AlertForm>): AlertForm {
    return { ...FORM_DEFAULTS, name: 'High CPU usage', intervalMs: 10_000, ...fields };
  }

  /** Creates an alert and returns its id. */
  async create(fields: Partial<AlertForm>): Promise<string> {
    const { live } = await this.#alerting.create(this.form(fields), { by: 'tester' });
    return live.rule.id;
  }

  /** Lets so many seconds go by; whatever falls due is finished before the clock moves on. */
  async pass(seconds: number, stride = 1): Promise<void> {
    for (let second = 0; second < seconds; second += stride) {
      await this.#clock.advance(stride * 1000);
      await this.settle();
    }
  }

  /** Waits for what runs: a database in this process answers at once, one in another is left the processor. */
  async settle(): Promise<void> {
    for (let turn = 0; this.#alerting.stats().busy > 0; turn++) {
      await new Promise<void>((resolve) => (turn < TURNS_AT_ONCE ? setImmediate(resolve) : setTimeout(resolve, 1)));
    }
  }

  /** The same where deliveries leave by channels: servers take real time to answer, for which the clock stands still. */
  async deliver(seconds: number, stride = 1): Promise<void> {
    for (let second = 0; second < seconds; second += stride) {
      await this.pass(stride, stride);
      await this.delivered();
    }
  }

  /** Until nothing is being sent and nothing that is due waits to be. */
  async delivered(): Promise<void> {
    await eventually(
      async () => {
        const now = this.#clock.now();
        const lanes = this.#store.db.selectFrom('delivery_lanes').select('lane');
        const busy = lanes.where((lane) => lane.or([lane('lease_until', '>', now), lane('next_at', '<=', now)]));
        if ((await busy.execute()).length > 0) throw new Error('deliveries are under way');
      },
      5000,
      5,
    );
  }

  /** The process dies without a word and is started again after so many seconds. */
  async kill(secondsDown = 1, routing?: string): Promise<void> {
    if (routing !== undefined) this.#routing = readRouting(routing);
    this.#clock = new VirtualClock(this.#clock.now() + secondsDown * 1000);
    await this.#open();
  }

  /** The process is stopped in order and started again. */
  async restart(secondsDown = 1): Promise<void> {
    await this.#alerting.stop();
    if (this.#options.settings) await this.#notifications.stop();
    await this.#store.close();
    await this.kill(secondsDown);
  }

  /** What has reached the inbox of a user (of the default recipient), oldest first. */
  async inbox(userId = 'ops'): Promise<string[]> {
    const [unread, read] = [
      await this.#notifications.list({ userId, status: 'delivered', limit: 1000 }),
      await this.#notifications.list({ userId, status: 'read', limit: 1000 }),
    ];
    return [...unread, ...read].sort((a, b) => (a.id < b.id ? -1 : 1)).map((item) => item.subject);
  }

  /** What was kept back, oldest first: the subject and the reason. */
  async suppressed(userId = 'ops'): Promise<string[]> {
    const items = await this.#notifications.list({ userId, status: 'suppressed', limit: 1000 });
    return items.map(({ subject, deliveries }) => `${subject}: ${deliveries[0]!.reason}`).reverse();
  }

  /** Another program tells of alerts: label sets, and seconds from now until they end. */
  async post(alerts: readonly Labels[], endsIn: number | null = null): Promise<readonly string[]> {
    const endsAt = endsIn === null ? null : this.#clock.now() + endsIn * 1000;
    const told = alerts.map((labels) => ({ labels, annotations: {}, startsAt: null, endsAt, generatorUrl: '' }));
    const errors = await this.#alerting.postAlerts(told);
    await this.settle();
    return errors;
  }

  /** Label sets and what they are doing: `{host="a"} firing`. */
  states(id: string): string[] {
    return [...this.#alerting.get(id).instances.values()]
      .map(({ identity, state }) => `${Object.values(identity).join(',')} ${state.name}`.trim())
      .sort();
  }

  async drop(): Promise<void> {
    await this.#alerting.stop();
    if (this.#options.settings) await this.#notifications.stop();
    await this.#database.drop();
  }
}
