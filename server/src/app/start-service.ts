import { hostname } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { ApiKeys, createAuthenticator, SocketTickets } from '../access/index.ts';
import { Alerting, receiverHosts } from '../alerting/index.ts';
import { DerivedSeries } from '../analysis/derived-series/index.ts';
import { SeenVersions } from '../analysis/service-versions/index.ts';
import { DockerCollector } from '../collectors/docker/index.ts';
import { HostCollector } from '../collectors/host/index.ts';
import { ScrapeCollector } from '../collectors/scrape/index.ts';
import type { Config } from '../config/index.ts';
import { createHttpServer, type HttpServerOptions, type Route } from '../http/index.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import { type NotificationSettings, Notifications } from '../notifications/index.ts';
import { MetricUsage } from '../query/promql/index.ts';
import { OtlpGrpcServer, otlpSignals } from '../receivers/otlp/index.ts';
import { StatsdReceiver } from '../receivers/statsd/index.ts';
import { openControlStore } from '../stores/control/index.ts';
import {
  ClickHouseCallStore,
  ClickHouseLogStore,
  ClickHouseRedStore,
  openDataDirectory,
  openTelemetryStore,
  RetentionSetting,
} from '../stores/telemetry/index.ts';
import { allowedHosts, isLoopback, urlOf } from './addresses.ts';
import { configuredAlertForms } from './alert-forms.ts';
import { answerMetrics } from './answer-metrics.ts';
import { acknowledgement, clickHouseServer } from './click-house-server.ts';
import { ConfigReload } from './config-reload.ts';
import { consolePages, serveConsoleFiles } from './console-files.ts';
import { containerFigures } from './container-figures.ts';
import { dependencySource } from './dependency-source.ts';
import { findDockerHost } from './docker-host.ts';
import { freePort } from './free-port.ts';
import type { ServiceState } from './health-checks.ts';
import { Lifecycle } from './lifecycle.ts';
import { explainListenError, isPortInUse } from './listen-error.ts';
import { createLogger } from './logger.ts';
import { openPipeline } from './open-pipeline.ts';
import { openQueries } from './open-queries.ts';
import { OwnMetrics } from './own-metrics.ts';
import { type Parts, partMetrics } from './part-metrics.ts';
import { otlpOnlyRoutes, type RouteInputs, serviceRoutes } from './routes.ts';
import { secretKey } from './secret-key.ts';
import { selfChecks } from './self-checks.ts';
import { backupDirOf, startStorageCare } from './storage-care.ts';
import { VERSION } from './version.ts';
import { rehearseAlerts } from './warm-up/rehearse-alerts.ts';
import { rehearseQuestions } from './warm-up/rehearse-questions.ts';
import { WarmUp } from './warm-up/warm-up.ts';

export interface Service {
  /** Where people open it. */
  readonly url: string;
  /** Takes the configuration as it is now; rejects with its mistakes, and then nothing has changed. */
  reload(): Promise<void>;
  /** Stops within ten seconds: not ready, listeners closed, schedulers and outbox released, stores closed. */
  stop(): Promise<void>;
}

/** Whose inbox the console shows where nobody signs in. */
const LOCAL_USER = 'local';

/**
 * Builds, wires and starts everything; what was started before a failure is stopped again. `loadAgain` reads the
 * configuration as it is then.
 */
export async function startService(
  config: Config,
  loadAgain: () => Config,
  clock: Clock = systemClock,
): Promise<Service> {
  const logger = await createLogger(config);
  const lifecycle = new Lifecycle(logger);
  try {
    return await compose(config, loadAgain, clock, logger, lifecycle);
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

async function compose(
  config: Config,
  loadAgain: () => Config,
  clock: Clock,
  logger: Logger,
  lifecycle: Lifecycle,
): Promise<Service> {
  const wantedPort = config.port === 0 ? await freePort(config.host) : config.port;
  const publicUrl = (config.publicUrl ?? urlOf(config.host, wantedPort, config.basePath)).replace(/\/$/, '');
  const directory = openDataDirectory(config.dataDir);
  lifecycle.onStop('data directory', () => directory.release());
  const control = await openControlStore({
    ...{ url: config.databaseUrl ?? join(config.dataDir, 'control.db'), logger, fsync: config.controlFsync },
  });
  lifecycle.onStop('control store', () => control.close());
  const keys = new ApiKeys(control);
  const authenticator = await createAuthenticator({
    keys,
    configured: config.apiKeys,
    loopback: isLoopback(config.host),
    off: config.auth === 'off',
  });
  const retention = new RetentionSetting({
    dataDir: config.dataDir,
    configured: {
      metricsMs: config.retentionMetrics,
      logsMs: config.retentionLogs,
      tracesMs: config.retentionTraces,
      rollupsMs: config.retentionRollups,
    },
    logger,
  });
  const server = clickHouseServer(config);
  const telemetry = await openTelemetryStore({
    dataDir: config.dataDir,
    retention: retention.current,
    backupDir: backupDirOf(config),
    acknowledge: acknowledgement(config),
    ...(server && { server }),
    clock,
    logger,
  });
  lifecycle.onStop('telemetry store', () => telemetry.close());

  const versions = new SeenVersions(clock);
  const pipeline = openPipeline(config, telemetry, versions.watch(telemetry), retention, clock, logger);
  const hostName = hostname();
  const host = new HostCollector({ hostName, sink: pipeline.sink('host'), clock, logger });
  const docker = new DockerCollector({
    dockerHost: findDockerHost(config.dockerHost),
    hostName,
    sink: pipeline.sink('docker'),
    clock,
    logger,
  });
  const scrape = new ScrapeCollector({
    jobs: config.scrapeJobs,
    sink: pipeline.sink('scrape'),
    clock,
    logger,
    directory: process.cwd(),
  });
  const apply = async (changed: Config) => {
    const forms = configuredAlertForms(changed, clock.now());
    notifications.allow(webhookAllowList(config, changed));
    await alerting.configuration.configure({ ...changed, forms }).catch((error) => {
      notifications.allow(webhookAllowList(config, configReload.running));
      throw error;
    });
    await scrape.reload(changed.scrapeJobs);
    notifications.templates.provision(changed.templates);
    notifications.channels.provision(changed.channels);
    notifications.configure(changed.preferences, changed.people);
  };
  const configReload = new ConfigReload({ config, load: loadAgain, apply, clock, logger });
  const usage = new MetricUsage(clock);
  const { answers, promql, alertingPromql, index, unnoted } = openQueries(config, telemetry.metrics, usage, clock);
  const notifications = new Notifications({
    store: control,
    clock,
    elapsed: () => performance.now(),
    logger,
    settings: notificationSettings(config, authenticator.open),
  });
  const red = new ClickHouseRedStore(telemetry.clickHouse);
  const alerting = new Alerting({
    store: control,
    engine: alertingPromql,
    sources: { logs: new ClickHouseLogStore(telemetry.clickHouse), red, sql: telemetry.clickHouse },
    notifications,
    clock,
    logger,
    publicUrl,
    routing: config.routing,
    escalationPolicies: config.escalationPolicies,
    correlation: config.correlation,
    dependencies: dependencySource(new ClickHouseCallStore(telemetry.clickHouse), clock),
    versions: () => versions.list(),
    detectFlapping: config.flapDetection === 'on',
    selfChecks: config.selfMonitoring === 'on' ? () => selfChecks(telemetry, care, configReload) : undefined,
    historyRetentionMs: config.retentionHistory,
    rules: { configured: config.rules, sink: pipeline.intake('rules') },
  });

  const derived = new DerivedSeries({
    red,
    promql: alertingPromql,
    containers: () => docker.latest().items.map(containerFigures),
    host: () => {
      const snapshot = host.snapshot();
      return snapshot && { name: snapshot.host, memoryBytes: snapshot.memory.total_bytes };
    },
    sink: pipeline.sink('derived'),
    clock,
    logger,
  });

  const care = startStorageCare({ config, telemetry, control, retention, clock, logger });
  lifecycle.onStop('storage care', () => care.stop());

  const state: ServiceState = { phase: 'starting', warnings: [] };
  const parts: Parts = {
    control,
    telemetry,
    care,
    red,
    pipeline,
    host,
    docker,
    scrape,
    promql,
    notifications,
    alerting,
  };
  const metrics = new OwnMetrics(VERSION);
  for (const metric of [...partMetrics(parts), ...(answers ? answerMetrics(answers) : [])]) metrics.add(metric);
  const tickets = new SocketTickets(clock);
  const guards: HttpServerOptions['guards'] = {
    authenticator: { ...authenticator, redeemTicket: (ticket) => tickets.redeem(ticket) },
    allowedOrigins: config.allowedOrigins,
    allowedHosts: allowedHosts(authenticator.open, config.publicUrl),
  };
  const listen = async (routes: readonly Route[], port: number, withConsole: boolean): Promise<number> => {
    const app = await createHttpServer({
      routes,
      guards,
      logger,
      trustProxy: config.trustProxy,
      basePath: config.basePath,
      onFinished: (finished) => metrics.observeRequest(finished),
      ...(withConsole && { onUnknownPath: consolePages(config.basePath) }),
    });
    if (withConsole) await serveConsoleFiles(app);
    lifecycle.onStop('listener', () => app.close());
    try {
      await app.listen({ host: config.host, port });
    } catch (error) {
      throw explainListenError(error, config.host, port);
    }
    return portOf(app);
  };

  lifecycle.onStop('notifications', () => notifications.stop());
  await notifications.start();
  lifecycle.onStop('host collector', () => host.stop());
  await host.start();
  lifecycle.onStop('docker collector', () => docker.stop());
  docker.start();
  lifecycle.onStop('scraping', () => scrape.stop());
  scrape.start();
  lifecycle.onStop('derived series', () => derived.stop());
  derived.start();
  lifecycle.onStop('alerting', () => alerting.stop());
  await alerting.start();
  await alerting.provisioned.configure(configuredAlertForms(config, clock.now()));

  const otlp = otlpSignals({
    intake: pipeline.intake('otlp'),
    clock,
    translationStrategy: config.otlpTranslationStrategy,
  });
  const inputs: RouteInputs = {
    ...parts,
    version: VERSION,
    publicUrl,
    clock,
    logger,
    metrics,
    state,
    otlp,
    configReload,
    usage,
    tickets,
    index,
  };
  const routes = serviceRoutes(inputs);
  const port = await listen(routes, wantedPort, true);
  const listenGrpc = async () => {
    const grpc = new OtlpGrpcServer({ signals: otlp, authenticator, logger });
    lifecycle.onStop('OTLP over gRPC', () => grpc.stop());
    await grpc.listen(config.host, config.otlpGrpcPort);
  };
  const onBusy = (busy: number, instead: string) => {
    const warning = `port ${busy} is in use: ${instead}`;
    state.warnings.push(warning);
    logger.warn({ port: busy }, warning);
  };
  await listenOtlp(
    config.otlpHttpPort,
    () => listen(otlpOnlyRoutes(routes), config.otlpHttpPort, false),
    (busy) => onBusy(busy, `OTLP over HTTP is taken on port ${port} only`),
  );
  await listenOtlp(config.otlpGrpcPort, listenGrpc, (busy) => onBusy(busy, 'OTLP over gRPC is not taken'));
  if (config.statsdPort !== 0) {
    const statsd = new StatsdReceiver({ intake: pipeline.intake('statsd'), clock, logger });
    lifecycle.onStop('StatsD', () => statsd.stop());
    await statsd.listen(config.host, config.statsdPort);
  }
  lifecycle.onStop('readiness', () => {
    state.phase = 'stopping';
  });
  state.phase = 'ok';
  const rehearsals = [rehearseAlerts({ dataDir: config.dataDir, engine: alertingPromql, clock, logger })];
  if (unnoted) rehearsals.push(rehearseQuestions(serviceRoutes({ ...inputs, promql: unnoted }), clock, logger));
  const warmUp = new WarmUp(rehearsals, logger);
  lifecycle.onStop('warm-up', () => warmUp.stop());
  warmUp.start();
  return {
    url: urlOf(config.host, port, config.basePath),
    reload: async () => void (await configReload.reload()),
    stop: () => lifecycle.stop(),
  };
}

/** A busy OTLP port is often another collector's: worth a warning, not a failed start, since 8013 takes OTLP as well. */
async function listenOtlp(port: number, listen: () => Promise<unknown>, onBusy: (port: number) => void): Promise<void> {
  if (port === 0) return;
  try {
    await listen();
  } catch (error) {
    if (!isPortInUse(error)) throw error;
    onBusy(port);
  }
}

function portOf(app: FastifyInstance): number {
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** What an operator has configured may lie inside: it is its own permission. */
function webhookAllowList({ webhookAllow }: Config, { routing }: Pick<Config, 'routing'>): string[] {
  return [...webhookAllow, ...receiverHosts(routing)];
}

function notificationSettings(config: Config, isOpen: boolean): NotificationSettings {
  const { smtpUrl, smtpFrom, twilioAccountSid, twilioAuthToken, twilioFrom } = config;
  return {
    // With nothing configured, the one who looks at the console is told.
    alertUsers: config.alertUsers.length === 0 && isOpen ? [LOCAL_USER] : config.alertUsers,
    alertEmailTo: config.alertEmailTo,
    templates: config.templates,
    channels: config.channels,
    publicUrl: config.publicUrl,
    preferences: config.preferences,
    people: config.people,
    secretKey: secretKey(config.secretKey, config.dataDir),
    historyRetentionMs: config.retentionHistory,
    smtp: smtpUrl !== undefined && smtpFrom !== undefined ? { url: smtpUrl, from: smtpFrom } : undefined,
    webhook:
      config.webhookUrl === undefined
        ? undefined
        : { url: config.webhookUrl, ...(config.webhookSecret !== undefined && { secret: config.webhookSecret }) },
    slackWebhookUrl: config.slackWebhookUrl,
    slackBot:
      config.slackBotToken === undefined
        ? undefined
        : { token: config.slackBotToken, channel: config.slackChannel, apiUrl: config.slackApiUrl },
    teamsWebhookUrl: config.teamsWebhookUrl,
    twilio:
      twilioAccountSid !== undefined && twilioAuthToken !== undefined && twilioFrom !== undefined
        ? { accountSid: twilioAccountSid, authToken: twilioAuthToken, from: twilioFrom, apiUrl: config.twilioApiUrl }
        : undefined,
    discordWebhookUrl: config.discordWebhookUrl,
    telegram:
      config.telegramBotToken === undefined
        ? undefined
        : { token: config.telegramBotToken, chatId: config.telegramChatId, apiUrl: config.telegramApiUrl },
    ntfy: config.ntfyUrl === undefined ? undefined : { url: config.ntfyUrl, token: config.ntfyToken },
    pagerDuty: { routingKey: config.pagerdutyRoutingKey, apiUrl: config.pagerdutyApiUrl },
    webhookAllowList: webhookAllowList(config, config),
  };
}
