import { z } from 'zod';

/** Schemas of Alertmanager's API, in its own words. Times are RFC 3339. */

const texts = z.record(z.string(), z.string());
const time = z.string();
const receiver = z.object({ name: z.string() });

export const postableAlerts = z.array(
  z.looseObject({
    labels: texts,
    annotations: texts.optional(),
    startsAt: time.optional().describe('left out: now'),
    endsAt: time.optional().describe('left out: after the resolve timeout, unless it is sent again'),
    generatorURL: z.string().optional(),
  }),
);

const alert = z.object({
  annotations: texts,
  endsAt: time,
  fingerprint: z.string(),
  receivers: z.array(receiver),
  startsAt: time,
  status: z.object({
    inhibitedBy: z.array(z.string()),
    mutedBy: z.array(z.string()),
    silencedBy: z.array(z.string()),
    state: z.enum(['unprocessed', 'active', 'suppressed']),
  }),
  updatedAt: time,
  generatorURL: z.string(),
  labels: texts,
});

export const alertmanagerAlerts = z.array(alert);

export const alertmanagerGroups = z.array(
  z.object({ alerts: z.array(alert), labels: texts, receiver, routeLabels: texts }),
);

const goTime = time.refine((text) => !Number.isNaN(Date.parse(text)), 'must be a RFC 3339 time');

const matcher = z.looseObject({
  name: z.string(),
  value: z.string(),
  isRegex: z.boolean(),
  isEqual: z.boolean().optional(),
});

export const postableSilence = z.looseObject({
  id: z.string().optional().describe('of the silence to change; left out: a new one'),
  matchers: z.array(matcher),
  startsAt: goTime,
  endsAt: goTime,
  createdBy: z.string(),
  comment: z.string(),
});

export const silenceId = z.object({ silenceID: z.string() });

export const alertmanagerSilence = z.object({
  id: z.string(),
  status: z.object({ state: z.enum(['expired', 'active', 'pending']) }),
  updatedAt: time,
  comment: z.string(),
  createdBy: z.string(),
  endsAt: time,
  matchers: z.array(z.object({ isEqual: z.boolean(), isRegex: z.boolean(), name: z.string(), value: z.string() })),
  startsAt: time,
});
export const alertmanagerSilences = z.array(alertmanagerSilence);

export const alertmanagerStatus = z.object({
  cluster: z.object({ status: z.string(), peers: z.array(z.unknown()) }),
  versionInfo: z.object({
    version: z.string(),
    revision: z.string(),
    branch: z.string(),
    buildUser: z.string(),
    buildDate: z.string(),
    goVersion: z.string(),
  }),
  config: z.object({ original: z.string() }),
  uptime: time,
});

export const alertmanagerReceivers = z.array(receiver);
