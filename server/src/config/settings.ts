import {
  addresses,
  apiKeys,
  basePath,
  certificates,
  clickHouseUrl,
  clusterName,
  duration,
  flag,
  headers,
  host,
  list,
  longSecret,
  networks,
  oneOf,
  origins,
  type Parser,
  port,
  retention,
  size,
  text,
  url,
  webhookSecret,
  whole,
} from './parsers.ts';
import type { SectionValues } from './sections.ts';

export interface Setting<T> {
  /** Environment variable; in the file the same in lower case. */
  readonly variable: string;
  readonly parse: Parser<T>;
  readonly standard: T;
  readonly help: string;
  /** True: never printed, and also taken from the file that `<variable>_FILE` names. */
  readonly secret: boolean;
}

function setting<T>(variable: string, parse: Parser<T>, standard: T, help: string): Setting<T> {
  return { variable, parse, standard, help, secret: false };
}

function optional<T>(variable: string, parse: Parser<T>, help: string): Setting<T | undefined> {
  return setting<T | undefined>(variable, parse, undefined, help);
}

function secret<T>(of: Setting<T>): Setting<T> {
  return { ...of, secret: true };
}

const DAY = 86_400_000;

/** Every setting: the one table that the loader, `--help` and the type `Config` are made from. */
export const SETTINGS = {
  port: setting('PORT', port, 8013, 'port of everything; 0 picks a free one and prints it'),
  host: setting('HOST', host, '127.0.0.1', 'address to listen on; any but loopback demands API keys'),
  dataDir: setting('DATA_DIR', text, './data', 'where telemetry and the control database live'),
  apiKeys: secret(
    setting('API_KEYS', apiKeys, [], 'name:scope:secret, several with commas; scopes ingest, read, write, admin'),
  ),
  auth: setting('AUTH', oneOf('on', 'off'), 'on', 'off: no credentials, whatever the address'),
  allowedOrigins: setting('ALLOWED_ORIGINS', origins, [], 'origins of other web pages that may call the API'),
  trustProxy: setting('TRUST_PROXY', flag, false, 'true: believe X-Forwarded-* of a reverse proxy'),
  basePath: setting('BASE_PATH', basePath, '/', 'path prefix behind a reverse proxy'),
  publicUrl: optional(
    'PUBLIC_URL',
    url('http', 'https'),
    'how people reach the console; used in links (default http://localhost:PORT)',
  ),
  controlFsync: setting(
    'CONTROL_FSYNC',
    oneOf('1s', 'always'),
    'always',
    'when alerts and notifications in SQLite are synchronised with the disk: a power cut takes at most the last second, or nothing that was answered for',
  ),
  databaseUrl: secret(
    optional(
      'DATABASE_URL',
      url('postgres', 'postgresql'),
      'PostgreSQL for alerts and notifications (default: SQLite in DATA_DIR)',
    ),
  ),
  clickhouseUrl: secret(
    optional(
      'CLICKHOUSE_URL',
      clickHouseUrl,
      'a ClickHouse of your own: https://user:password@host:8443/database (default: the embedded one, in DATA_DIR)',
    ),
  ),
  clickhouseUser: optional('CLICKHOUSE_USER', text, 'its user, where the URL names none'),
  clickhousePassword: secret(optional('CLICKHOUSE_PASSWORD', text, 'the password of that user')),
  clickhouseCa: secret(optional('CLICKHOUSE_CA', certificates, 'authority that signed its certificate, PEM')),
  clickhouseCluster: optional('CLICKHOUSE_CLUSTER', clusterName, 'name of the cluster that it is part of'),
  prometheusUrl: secret(
    optional(
      'PROMETHEUS_URL',
      url('https', 'http'),
      'a Prometheus, VictoriaMetrics, Mimir or Thanos that queries run on: https://user:password@host/prefix',
    ),
  ),
  prometheusMode: setting(
    'PROMETHEUS_MODE',
    oneOf('both', 'remote'),
    'both',
    'both: queries see its samples beside those stored here; remote: it evaluates all queries, also those of rules',
  ),
  prometheusToken: secret(optional('PROMETHEUS_TOKEN', text, 'bearer token for it')),
  prometheusHeaders: secret(
    setting(
      'PROMETHEUS_HEADERS',
      headers,
      {},
      'sent to it with every request: X-Scope-OrgID=tenant-1, several with commas',
    ),
  ),
  otlpHttpPort: setting('OTLP_HTTP_PORT', port, 4318, 'OTLP over HTTP besides PORT; 0 disables'),
  otlpGrpcPort: setting('OTLP_GRPC_PORT', port, 4317, 'OTLP over gRPC; 0 disables'),
  otlpTranslationStrategy: setting(
    'OTLP_TRANSLATION_STRATEGY',
    oneOf('UnderscoreEscapingWithSuffixes', 'NoUTF8EscapingWithSuffixes', 'NoTranslation'),
    'UnderscoreEscapingWithSuffixes',
    "names of OpenTelemetry's metrics: as classic Prometheus names, in UTF-8 with unit and _total, or as they are",
  ),
  statsdPort: setting('STATSD_PORT', port, 0, 'StatsD over UDP, usually 8125; 0 disables'),
  dockerHost: optional(
    'DOCKER_HOST',
    url('unix', 'tcp', 'http'),
    'Docker Engine API (default unix:///var/run/docker.sock where present)',
  ),
  smtpUrl: secret(optional('SMTP_URL', url('smtp', 'smtps'), 'mail server: smtp://user:password@host:587')),
  smtpFrom: optional('SMTP_FROM', text, 'sender of mails'),
  slackWebhookUrl: secret(optional('SLACK_WEBHOOK_URL', url('https', 'http'), 'Slack incoming webhook')),
  slackBotToken: secret(
    optional('SLACK_BOT_TOKEN', text, 'token of a Slack bot (xoxb-...): threads, and messages that change'),
  ),
  slackChannel: optional('SLACK_CHANNEL', text, 'channel that the bot writes to: #alerts or an id'),
  slackApiUrl: optional('SLACK_API_URL', url('https', 'http'), "another server of Slack's Web API"),
  teamsWebhookUrl: secret(optional('TEAMS_WEBHOOK_URL', url('https', 'http'), 'Teams Workflows webhook')),
  discordWebhookUrl: secret(optional('DISCORD_WEBHOOK_URL', url('https', 'http'), 'webhook of a Discord channel')),
  telegramBotToken: secret(optional('TELEGRAM_BOT_TOKEN', text, 'token of a Telegram bot')),
  telegramChatId: optional('TELEGRAM_CHAT_ID', text, 'chat that the bot writes to: an id, or @channel'),
  telegramApiUrl: optional('TELEGRAM_API_URL', url('https', 'http'), "another server of Telegram's Bot API"),
  ntfyUrl: optional('NTFY_URL', url('https', 'http'), 'topic of ntfy, such as https://ntfy.sh/my-alerts'),
  ntfyToken: secret(optional('NTFY_TOKEN', text, 'access token of that server')),
  pagerdutyRoutingKey: secret(
    optional('PAGERDUTY_ROUTING_KEY', text, 'integration key of a PagerDuty service (Events API 2)'),
  ),
  pagerdutyApiUrl: optional('PAGERDUTY_API_URL', url('https', 'http'), "another server of PagerDuty's events"),
  twilioAccountSid: optional('TWILIO_ACCOUNT_SID', text, 'Twilio account for SMS'),
  twilioAuthToken: secret(optional('TWILIO_AUTH_TOKEN', text, 'its token')),
  twilioFrom: optional('TWILIO_FROM', text, 'sending number, E.164'),
  twilioApiUrl: setting('TWILIO_API_URL', url('https', 'http'), 'https://api.twilio.com', 'for a proxy or a test'),
  webhookUrl: secret(optional('WEBHOOK_URL', url('https', 'http'), 'default endpoint of the channel webhook')),
  webhookSecret: secret(optional('WEBHOOK_SECRET', webhookSecret, 'its signing secret: whsec_<base64>')),
  webhookAllow: setting('WEBHOOK_ALLOW', networks, [], 'private hosts or CIDR ranges that webhooks may reach'),
  secretKey: secret(
    optional(
      'SECRET_KEY',
      longSecret,
      'seals the secrets of channels (default: secret.key in DATA_DIR, made at first)',
    ),
  ),
  alertUsers: setting(
    'ALERT_USERS',
    list,
    [],
    'users who get every alert (default, without credentials: local, whose inbox the console shows)',
  ),
  alertEmailTo: setting('ALERT_EMAIL_TO', addresses, [], 'addresses that get every alert by mail'),
  retentionMetrics: setting('RETENTION_METRICS', retention, 30 * DAY, 'how long metrics are kept'),
  retentionLogs: setting('RETENTION_LOGS', retention, 14 * DAY, 'how long logs are kept'),
  retentionTraces: setting('RETENTION_TRACES', retention, 7 * DAY, 'how long traces are kept'),
  retentionRollups: setting(
    'RETENTION_ROLLUPS',
    retention,
    365 * DAY,
    'how long metrics are kept as rollups of 5 minutes (no longer than RETENTION_METRICS: none are made)',
  ),
  retentionHistory: setting(
    'RETENTION_HISTORY',
    retention,
    365 * DAY,
    'how long notifications, events and the history of alerts are kept',
  ),
  diskBudget: optional(
    'DISK_BUDGET',
    size,
    'most that telemetry may take on disk, such as 50GB: the oldest day goes first',
  ),
  backupDir: optional('BACKUP_DIR', text, 'where the service makes backups (default: backups in DATA_DIR)'),
  ingestAcknowledge: optional(
    'INGEST_ACKNOWLEDGE',
    oneOf('log', 'store'),
    'what an acknowledgement waits for: log = the write-ahead log, store = the table (default log; with CLICKHOUSE_URL store)',
  ),
  ingestFsync: setting(
    'INGEST_FSYNC',
    oneOf('1s', 'always'),
    '1s',
    'when the write-ahead log is synchronised with the disk: a power cut takes at most the last second, or nothing',
  ),
  ingestMaxAge: optional('INGEST_MAX_AGE', duration, 'older data is refused (default, and at most: the retention)'),
  ingestMaxAhead: setting('INGEST_MAX_AHEAD', duration, 3_600_000, 'data further in the future is refused'),
  ingestMaxSeriesPerMetric: setting(
    'INGEST_MAX_SERIES_PER_METRIC',
    whole(1),
    10_000,
    'further series of a metric are refused, known ones never',
  ),
  ingestMaxSeries: setting('INGEST_MAX_SERIES', whole(1), 500_000, 'the same for all metrics together'),
  ingestItemsPerSecond: optional(
    'INGEST_ITEMS_PER_SECOND',
    whole(1),
    'most samples, spans and log records a second of each way in, and of each API key; more is answered with 429',
  ),
  ingestBytesPerSecond: optional('INGEST_BYTES_PER_SECOND', size, 'the same for bytes of decompressed bodies: 10MB'),
  redactionKey: secret(optional('REDACTION_KEY', longSecret, 'what the redaction action hash makes its hashes with')),
  flapDetection: setting(
    'FLAP_DETECTION',
    oneOf('on', 'off'),
    'on',
    'on: an alert that fires or ends more than 6 times in 30m is told of once as flapping, then held until it was calm for 15m',
  ),
  selfMonitoring: setting(
    'SELF_MONITORING',
    oneOf('on', 'off'),
    'on',
    'on: alerts about the service itself, such as a channel that does not take notifications',
  ),
  logLevel: setting('LOG_LEVEL', oneOf('debug', 'info', 'warn', 'error'), 'info', 'least severe line of the own log'),
  logFormat: optional('LOG_FORMAT', oneOf('pretty', 'json'), 'pretty on a terminal, else json'),
} as const satisfies Record<string, Setting<unknown>>;

/** All settings, typed. */
export type Config = {
  readonly [Name in keyof typeof SETTINGS]: (typeof SETTINGS)[Name] extends Setting<infer T> ? T : never;
} & SectionValues;

/** Parts of the file that a later version brings. */
export const FILE_ONLY_NOT_BUILT_YET: readonly string[] = ['probes', 'log_files', 'syslog'];
