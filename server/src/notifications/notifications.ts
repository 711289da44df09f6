import { createHash, randomBytes } from 'node:crypto';
import { type ChannelOptions, type Channels, createChannels, type Resolve } from '../channels/index.ts';
import { newId } from '../lib/id.ts';
import { formatInstant } from '../lib/instant.ts';
import { PeriodicTask } from '../lib/periodic-task.ts';
import { SecretBox } from '../lib/secret-box.ts';
import type { Clock } from '../model/clock.ts';
import type { DeliveryStatus } from '../model/delivery-status.ts';
import { type Issue, invalid, ServiceError } from '../model/errors.ts';
import type { Logger } from '../model/logger.ts';
import { CHANNEL_NAMES, type ChannelName, type NotificationRequest } from '../model/notification-request.ts';
import {
  type ControlStore,
  cancelWaiting,
  countLostDeliveries,
  type Executor,
  GroupCommit,
  getNotification,
  listDeliveries,
  listEpisodeDeliveries,
  listNotifications,
  type NotificationFilter,
  outboxBacklog,
  requeueDeliveries,
  type StoredDelivery,
  takeNotificationKey,
} from '../stores/control/index.ts';
import { AnnotationBook } from './annotations/annotation-book.ts';
import { ChannelBook } from './channel-book/channel-book.ts';
import type { ConfiguredChannel } from './channel-book/configured-channel.ts';
import { DeadLetters } from './dead-letters.ts';
import type { AtStep } from './delivery-step.ts';
import { type ConfiguredPeople, NOBODY_CONFIGURED } from './directory/read-people.ts';
import { UserDirectory } from './directory/user-directory.ts';
import { type EnqueueContext, type EnqueuedNotification, enqueue, firstResult } from './enqueue.ts';
import { EventIntake, recipientsOf, variablesOfStored } from './events/event-intake.ts';
import { type Erasure, History } from './history/history.ts';
import { Releaser } from './holding/releaser.ts';
import { Inbox } from './inbox.ts';
import { loadItems, type NotificationItem } from './item.ts';
import { isFinal } from './lifecycle.ts';
import { type NotifyCommand, toRequest } from './notify-command.ts';
import { Outbox } from './outbox.ts';
import type { PlannedRequest } from './plan.ts';
import { ContactLinks } from './preferences/contact-link.ts';
import { PreferenceDesk } from './preferences/preference-desk.ts';
import { NO_DEFAULTS, type OrganisationDefaults } from './preferences/user-preferences.ts';
import { ScheduleBook } from './schedules/schedule-book.ts';
import { Suppressions } from './suppressions.ts';
import { Templates } from './templates/render.ts';
import type { Template } from './templates/template.ts';
import { TemplateBook } from './templates/template-book.ts';
import { TopicBook } from './topics/topic-book.ts';
import { TwilioCallbacks, twilioCallbackUrl } from './twilio-callbacks.ts';
import { Unsubscribe } from './unsubscribe.ts';

export interface NotificationSettings extends ChannelOptions {
  /** Default recipients: users of the inbox, and mail addresses. */
  readonly alertUsers: readonly string[];
  readonly alertEmailTo: readonly string[];
  /** For how long notifications and events are kept, milliseconds; default: a year. */
  readonly historyRetentionMs?: number;
  /** Those of the configuration. */
  readonly templates?: readonly Template[];
  readonly channels?: readonly ConfiguredChannel[];
  /** How others reach the service, for links in mails and callbacks of providers; left out: there are none. */
  readonly publicUrl?: string | undefined;
  /** What secrets are sealed and tokens are signed with; left out: a new one, which ends with the process. */
  readonly secretKey?: string;
  /** For those who have not decided otherwise. */
  readonly preferences?: OrganisationDefaults;
  /** Those of the configuration, and where others are asked for. */
  readonly people?: ConfiguredPeople;
}

export interface NotificationsOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: NotificationSettings;
  /** Milliseconds of a clock that nobody sets, by which jumps of the other are seen. Default: none are. */
  readonly elapsed?: () => number;
  /** 0 to 1, for the jitter of retries. */
  readonly random?: () => number;
  /** Looks names of webhook hosts up; default: the system. */
  readonly resolve?: Resolve;
  /** Told of every step of a delivery. For tests. */
  readonly atStep?: AtStep;
}

export interface NotifyOptions {
  /** The same key within 24 hours is the same notification. Scoped by the caller's name. */
  readonly idempotencyKey?: string | undefined;
  readonly principal: string;
}

const KEY_PERIOD = 24 * 3_600_000;
const LOOK_AGAIN_MS = 1000;
const PRUNE_MS = 3_600_000;
const YEAR = 365 * 24 * 3_600_000;
const WAIT_MS = 10_000;
const HOUR = 3_600_000;
/** Mistakes of one request that are told. */
const MOST_ISSUES = 100;
const LONGEST_RETRY_MS = 72 * HOUR;

/** The notification centre: takes what is to be said, and sees to it that it arrives. */
export class Notifications {
  readonly #store: ControlStore;
  readonly #commits: GroupCommit;
  readonly #clock: Clock;
  readonly #settings: NotificationSettings;
  readonly #atStep: AtStep;
  readonly #channels: Channels;
  readonly #templates = new Templates();
  readonly templates: TemplateBook;
  readonly #outbox: Outbox;
  readonly history: History;
  readonly inbox: Inbox;
  readonly topics: TopicBook;
  readonly annotations: AnnotationBook;
  readonly events: EventIntake;
  readonly channels: ChannelBook;
  readonly deadLetters: DeadLetters;
  readonly preferences: PreferenceDesk;
  readonly #releaser: Releaser;
  readonly suppressions: Suppressions;
  readonly unsubscribe: Unsubscribe;
  readonly twilioCallbacks: TwilioCallbacks;
  readonly schedules: ScheduleBook;
  readonly #directory: UserDirectory;
  #organisation: OrganisationDefaults;
  #people: ConfiguredPeople;
  /** Callers that wait for a notification's deliveries, by its id. */
  readonly #waiting = new Map<string, Set<() => void>>();
  #position = 0;
  readonly #prune: PeriodicTask;
  #started = false;

  /** Throws where a setting cannot be used. Sends nothing before `start`. */
  constructor(options: NotificationsOptions) {
    const { store, clock, logger, settings } = options;
    this.#atStep = options.atStep ?? (() => undefined);
    this.#store = store;
    this.#clock = clock;
    this.#settings = settings;
    this.#organisation = settings.preferences ?? NO_DEFAULTS;
    this.#people = settings.people ?? NOBODY_CONFIGURED;
    this.#channels = createChannels(settings, clock, options.resolve);
    const secrets = new SecretBox(settings.secretKey ?? randomBytes(32).toString('base64'));
    const { publicUrl } = settings;
    this.suppressions = new Suppressions(store, clock);
    this.unsubscribe = new Unsubscribe({
      ...{ secrets, publicUrl, suppressions: this.suppressions },
      preferences: () => this.preferences,
    });
    this.twilioCallbacks = new TwilioCallbacks({
      ...{ store, clock, publicUrl, suppressions: this.suppressions },
      tokenOf: (channel) =>
        channel === 'sms' ? settings.twilio?.authToken : this.#channels.named.get(channel)?.settings.auth_token,
    });
    this.#commits = new GroupCommit(store);
    this.#outbox = new Outbox({
      store,
      commits: this.#commits,
      suppressions: this.suppressions,
      linksOf: (delivery, notification) => ({
        callbackUrl: callbackUrl(delivery, publicUrl),
        unsubscribeUrl: this.unsubscribe.urlFor(delivery, notification),
      }),
      channels: this.#channels.byName,
      clock,
      logger,
      elapsed: options.elapsed,
      ...(options.random && { random: options.random }),
      onChange: (delivery) => this.#tellWaiting(delivery.notification_id),
      atStep: this.#atStep,
    });
    this.channels = new ChannelBook({
      ...{ store, clock, secrets, channels: this.#channels, provisioned: settings.channels ?? [] },
      breakerOf: (kind, address) => this.#outbox.breakerOf(kind, address),
    });
    this.deadLetters = new DeadLetters(store, clock);
    this.templates = new TemplateBook({
      ...{ store, clock, templates: this.#templates, provisioned: settings.templates ?? [] },
      variablesOf: variablesOfStored,
    });
    this.topics = new TopicBook({
      store,
      clock,
      channels: this.#channels.byName,
      templateIds: () => this.#templates.ids,
    });
    this.annotations = new AnnotationBook(store, clock);
    this.events = new EventIntake({
      ...{ store, clock, topics: this.topics, annotations: this.annotations },
      enqueue: (db, request) => this.#enqueue(db, request),
      wake: () => this.wake(),
    });
    this.history = new History(store, clock);
    this.inbox = new Inbox({ store, clock, logger });
    this.schedules = new ScheduleBook({
      ...{ store, clock, logger },
      prepare: (command) => this.#prepare(command),
      enqueue: (db, request) => this.#enqueue(db, request),
      wake: () => this.wake(),
    });
    this.#directory = new UserDirectory({ store, clock, logger, people: () => this.#people });
    const deciding = {
      ...{ store, clock, logger, channels: this.#channels.byName },
      organisation: () => this.#organisation,
      people: this.#directory,
      isOnline: (userId: string) => this.inbox.isOnline(userId),
    };
    this.preferences = new PreferenceDesk({
      ...{ ...deciding, links: new ContactLinks(secrets, publicUrl) },
      prepare: (userIds) => this.#directory.prepare(userIds),
    });
    this.#releaser = new Releaser({
      ...deciding,
      templates: this.#templates,
      nextPosition: () => this.#nextPosition(),
      atStep: this.#atStep,
      onRelease: (inboxes, ids) => {
        this.inbox.touch(inboxes);
        this.wake();
        for (const id of ids) this.#tellWaiting(id);
      },
    });
    const { historyRetentionMs = YEAR } = settings;
    this.#prune = new PeriodicTask(clock, PRUNE_MS, () =>
      this.history.prune(clock.now() - historyRetentionMs).catch((error) => {
        logger.warn({ err: error }, 'old notifications could not be deleted; the next attempt is in an hour');
      }),
    );
  }

  /** Takes up what an earlier run left behind, then whatever comes. */
  async start(): Promise<void> {
    await this.channels.load();
    await this.suppressions.load();
    await this.templates.load();
    await this.topics.load();
    await this.#directory.load();
    await this.#outbox.start();
    this.#started = true;
    this.#releaser.start();
    this.schedules.start();
    this.#directory.start();
    this.inbox.start();
    this.#prune.start();
  }

  /** Closes the sockets, finishes what is being sent (at most about five seconds), leaves the rest in the store. */
  async stop(): Promise<void> {
    this.#started = false;
    await this.#releaser.stop();
    await this.schedules.stop();
    await this.#directory.stop();
    await this.#prune.stop();
    await this.inbox.stop();
    await this.#outbox.stop();
    await this.#channels.close();
  }

  /**
   * Writes a notification and its deliveries by `executor`: they exist if and only if the caller's transaction
   * commits. Call `wake` after the commit, so that they leave at once and not at the next sweep.
   */
  async enqueue(executor: Executor, request: NotificationRequest): Promise<EnqueuedNotification> {
    return this.#enqueue(executor, request);
  }

  /**
   * Ends what of an episode still waits to be sent, and marks what inboxes have of it as read: somebody has it in
   * hand. Returns how many deliveries.
   */
  async cancelEpisode(executor: Executor, episodeId: string, reason: string): Promise<number> {
    const deliveries = await listEpisodeDeliveries(executor, episodeId);
    const waiting = deliveries.filter((row) => row.is_open === 1 || row.status === 'scheduled');
    const cancel = { reason: 'acknowledged', detail: `cancelled while it waited: ${reason}`, at: this.#clock.now() };
    const canceled = await cancelWaiting(executor, waiting, cancel);
    await this.inbox.markEpisodeRead(executor, episodeId);
    return canceled.length;
  }

  /** To be called after the commit of a transaction that `enqueue` has written in. */
  wake(): void {
    this.#atStep('notification committed');
    this.inbox.wake();
    if (this.#started) this.#outbox.wake();
  }

  /** A caller's notification, in a transaction of its own. Throws `invalid` for what cannot be understood. */
  async notify(command: NotifyCommand, options: NotifyOptions): Promise<EnqueuedNotification> {
    const request = await this.#prepare(command);
    const result = await this.#commits.run(async (db) => {
      if (options.idempotencyKey === undefined) return this.#enqueue(db, request);
      return this.#enqueueOnce(db, request, command, options.idempotencyKey, options.principal);
    });
    this.wake();
    return result;
  }

  /** Several, all or none. Throws `invalid` with what is wrong with any of them, by `notifications[0]` and so on. */
  async notifyAll(commands: readonly NotifyCommand[], options: NotifyOptions): Promise<EnqueuedNotification[]> {
    const issues: Issue[] = [];
    const requests = commands.map((command, index) => {
      try {
        return this.#understood(command);
      } catch (error) {
        if (!(error instanceof ServiceError) || error.code !== 'invalid') throw error;
        issues.push(...error.issues.map((issue) => ({ ...issue, path: `notifications[${index}].${issue.path}` })));
        return undefined;
      }
    });
    if (issues.length > 0) throw invalid(...issues.slice(0, MOST_ISSUES));
    const understood = requests.filter((request) => request !== undefined);
    await this.#directory.prepare([...new Set(understood.flatMap(({ users }) => users))]);
    const { idempotencyKey: key, principal } = options;
    const results = await this.#store.transaction(async (db) => {
      const made: EnqueuedNotification[] = [];
      for (const [index, request] of understood.entries()) {
        const once = () => this.#enqueueOnce(db, request, commands[index]!, `${key}\n${index}`, principal);
        made.push(key === undefined ? await this.#enqueue(db, request) : await once());
      }
      return made;
    });
    this.wake();
    return results;
  }

  /** The notification when each of its deliveries is final, or as it is after ten seconds. */
  async settled(id: string): Promise<NotificationItem | undefined> {
    const deadline = this.#clock.now() + WAIT_MS;
    for (;;) {
      const changed = this.#nextChange(id, Math.min(LOOK_AGAIN_MS, deadline - this.#clock.now()));
      const rows = await listDeliveries(this.#store.db, [id]);
      if (rows.every((row) => isFinal(row.status as DeliveryStatus)) || this.#clock.now() >= deadline) {
        changed.cancel();
        return this.get(id);
      }
      await changed.promise;
    }
  }

  /** Newest first; times are Unix milliseconds. */
  async list(filter: NotificationFilter): Promise<NotificationItem[]> {
    return loadItems(this.#store.db, await listNotifications(this.#store.db, filter), filter.userId);
  }

  /** With a user, its state is that in the user's inbox. */
  async get(id: string, userId?: string): Promise<NotificationItem | undefined> {
    const view = await getNotification(this.#store.db, id, userId);
    return view && (await loadItems(this.#store.db, [view]))[0];
  }

  /**
   * Tries again what has failed, was given up, may not have arrived, or was held back because its channel was not
   * configured. Throws `conflict` where there is nothing of that kind.
   */
  async retry(id: string): Promise<void> {
    const now = this.#clock.now();
    await this.#store.transaction(async (db) => {
      const ended = (await listDeliveries(db, [id])).filter(isRetriable);
      if (ended.length === 0) throw new ServiceError('conflict', 'none of its deliveries has failed');
      const rows = ended.map((row) => ({ ...row, deadline_at: now + (row.deadline_at - row.created_at) }));
      await requeueDeliveries(db, rows, now);
    });
    this.wake();
  }

  /** Ends what of it waits: for its time, or to be tried (again). Returns how many; throws `conflict` for none. */
  async cancel(id: string, by: string): Promise<number> {
    const count = await this.#store.transaction(async (db) => {
      const waiting = (await listDeliveries(db, [id])).filter((row) => row.is_open === 1 || row.status === 'scheduled');
      const cancel = { reason: 'canceled', detail: `canceled by ${by}`, at: this.#clock.now() };
      return (await cancelWaiting(db, waiting, cancel)).length;
    });
    if (count === 0) throw new ServiceError('conflict', 'nothing of it waits any more');
    this.wake();
    return count;
  }

  /** From now on these hold, in place of those of the configuration before. */
  configure(organisation: OrganisationDefaults, people: ConfiguredPeople): void {
    this.#organisation = organisation;
    this.#people = people;
  }

  /** From now on callers' webhooks may reach these networks and hosts, in place of `webhookAllowList`. */
  allow(allowList: readonly string[]): void {
    this.#channels.allow(allowList);
  }

  /** Forgets a user, see `History.erase`. */
  async erase(userId: string): Promise<Erasure> {
    const erased = await this.history.erase(userId);
    this.topics.forget(userId);
    this.#directory.forget(userId);
    return erased;
  }

  /** For health checks and metrics. Rejects where the store cannot be read. */
  async status(): Promise<{
    readonly waiting: number;
    /** Age of the oldest delivery that is still to be done, milliseconds; 0 where there is none. */
    readonly oldestAgeMs: number;
    readonly restingEndpoints: readonly string[];
    readonly sockets: number;
  }> {
    const { count, oldestCreatedAt } = await outboxBacklog(this.#store.db);
    return {
      waiting: count,
      oldestAgeMs: oldestCreatedAt === null ? 0 : Math.max(0, this.#clock.now() - oldestCreatedAt),
      restingEndpoints: this.#outbox.restingEndpoints,
      sockets: this.inbox.socketCount,
    };
  }

  /** Channels that are configured, and that the user has not switched off and has an address for; the inbox, too. */
  contactsOf(userId: string): Promise<ChannelName[]> {
    return this.preferences.reachableBy(userId);
  }

  /** Why nothing can be sent there, or `undefined`. An empty address: the channel's configured endpoint. */
  channelProblem(channel: ChannelName, address: string): string | undefined {
    if (channel === 'in_app') return undefined;
    const built = this.#channels.byName[channel];
    const missing = built.unavailable(address);
    if (missing !== undefined) return missing;
    if (address === '') return built.hasDefault ? undefined : `${channel} has no default recipient: give an address`;
    const problem = built.checkAddress(address);
    return problem === undefined ? undefined : `${built.describe(address)} ${problem}`;
  }

  /** Channels by which the default recipients can be reached as things are configured. */
  get defaultChannels(): ChannelName[] {
    const { alertUsers, alertEmailTo } = this.#settings;
    return CHANNEL_NAMES.filter((channel) => {
      if (channel === 'in_app') return alertUsers.length > 0;
      if (channel !== 'email') return this.#channels.byName[channel].hasDefault;
      return alertEmailTo.length > 0 && this.#channels.byName.email.unavailable(alertEmailTo[0]!) === undefined;
    });
  }

  get defaultUsers(): readonly string[] {
    return this.#settings.alertUsers;
  }

  /** How deliveries fare, those of the last hour among those that were given up or that a broken channel refused. */
  async deliveryHealth() {
    const { waiting, oldestAgeMs, restingEndpoints } = await this.status();
    const now = this.#clock.now();
    const window = { createdFrom: now - LONGEST_RETRY_MS - HOUR, deadlineFrom: now - HOUR };
    const dead = await countLostDeliveries(this.#store.db, window);
    return {
      waiting,
      oldestAgeMs,
      dead: dead.map(({ channel, count }) => ({ channel: channel as ChannelName, count })),
      failing: restingEndpoints.map((name) => {
        const end = name.indexOf(':');
        return { channel: name.slice(0, end) as ChannelName, endpoint: name.slice(end + 1) };
      }),
    };
  }

  async #enqueue(db: Executor, request: PlannedRequest): Promise<EnqueuedNotification> {
    const { notification, inboxes } = await enqueue(db, request, this.#context());
    this.inbox.touch(inboxes);
    if (request.alertId !== undefined) this.inbox.announce(alertFrame(request, this.#clock.now()));
    this.#atStep('notification written, in the transaction');
    return notification;
  }

  async #prepare(command: NotifyCommand): Promise<PlannedRequest> {
    const request = this.#understood(command);
    await this.#directory.prepare(request.users);
    return request;
  }

  /** Throws `invalid`. */
  #understood(command: NotifyCommand): PlannedRequest {
    const request = this.#withSubscribers(command, toRequest(command, this.#channels.byName, this.#templates.ids));
    const problems = this.templates.problemsOf(command.template, command.data);
    if (problems.length > 0) throw invalid(...problems);
    return request;
  }

  /** To a topic: also to all who have subscribed to it. */
  #withSubscribers(command: NotifyCommand, request: PlannedRequest): PlannedRequest {
    if (command.topic === undefined) return request;
    const event = {
      ...{ id: '', source: '', type: command.type, subject: command.subject ?? null, time: null },
      ...{ dataContentType: null, dataSchema: null, extensions: { severity: command.severity }, data: command.data },
    };
    const subscribers = recipientsOf(this.topics.subscribersOf(command.topic, event, command.severity));
    const users = [...new Set([...request.users, ...subscribers.users])];
    const addresses = [...request.addresses, ...subscribers.addresses];
    // Channels for nobody would mean their default recipients.
    const { channels, ...rest } = request;
    const isForSomebody = users.length > 0 || addresses.length > 0;
    return { ...rest, ...(channels && isForSomebody && { channels }), users, addresses };
  }

  async #enqueueOnce(
    db: Executor,
    request: PlannedRequest,
    command: NotifyCommand,
    key: string,
    principal: string,
  ): Promise<EnqueuedNotification> {
    const now = this.#clock.now();
    const scoped = hash([principal, key]);
    const requestHash = hash(command);
    const id = newId();
    const row = { key: scoped, request_hash: requestHash, notification_id: id, created_at: now };
    const holder = await takeNotificationKey(db, row, now - KEY_PERIOD);
    if (!holder) return this.#enqueue(db, { ...request, id });
    if (holder.request_hash !== requestHash) {
      throw invalid({
        path: 'Idempotency-Key',
        message: 'was used for another notification within the last 24 hours; use a new key',
      });
    }
    return firstResult(db, holder.notification_id);
  }

  #context(): EnqueueContext {
    return {
      templates: this.#templates,
      channels: this.#channels.byName,
      defaults: { users: this.#settings.alertUsers, emails: this.#settings.alertEmailTo },
      organisation: this.#organisation,
      people: this.#directory,
      isOnline: (userId) => this.inbox.isOnline(userId),
      now: this.#clock.now(),
      nextPosition: () => this.#nextPosition(),
    };
  }

  /** Time in microseconds, but always more than before: the order in which this process takes things. */
  #nextPosition(): number {
    this.#position = Math.max(this.#position + 1, this.#clock.now() * 1000);
    return this.#position;
  }

  #tellWaiting(id: string): void {
    for (const tell of this.#waiting.get(id) ?? []) tell();
  }

  /** Resolves at the next change of the notification's deliveries, or after `withinMs`. */
  #nextChange(id: string, withinMs: number): { promise: Promise<void>; cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const callbacks = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, callbacks);
    const finish = () => {
      timer.cancel();
      callbacks.delete(finish);
      if (callbacks.size === 0) this.#waiting.delete(id);
      resolve();
    };
    const timer = this.#clock.setTimer(Math.max(0, withinMs), finish);
    callbacks.add(finish);
    return { promise, cancel: finish };
  }
}

/** Where Twilio tells what became of a message; it calls nobody at home. */
function callbackUrl({ channel, address }: StoredDelivery, publicUrl: string | undefined): string | undefined {
  if (channel !== 'sms' || publicUrl === undefined || isLocalUrl(publicUrl)) return undefined;
  const id = /^channel:([^/]+)/.exec(address)?.[1] ?? 'sms';
  return twilioCallbackUrl(publicUrl, id);
}

function isLocalUrl(url: string): boolean {
  return /^(localhost|127\..*|\[::1\])$|\.localhost$/.test(new URL(url).hostname);
}

function isRetriable(row: StoredDelivery): boolean {
  if (row.status === 'suppressed') return row.reason === 'channel_not_configured' && row.address !== '';
  return ['failed', 'dead', 'unknown'].includes(row.status);
}

/** What subscribers of the topic `alerts` get. */
function alertFrame({ alertId, episodeId, type, severity, data, suppressed }: PlannedRequest, now: number): object {
  return {
    alert_id: alertId,
    episode_id: episodeId ?? null,
    alert_type: type,
    severity,
    alert_name: data.alert_name ?? null,
    suppressed_by: suppressed?.reason ?? null,
    at: formatInstant(now),
  };
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
