import type { ConfigMap } from '../../lib/config-map.ts';
import { CHANNEL_NAMES } from '../../model/notification-request.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { timeZone } from '../alertmanager-config/time-interval.ts';
import type { OnCallHours } from '../on-call/schedule.ts';
import {
  ACK_TIMEOUT_MS,
  type EscalationConditions,
  type EscalationPolicy,
  type EscalationStep,
  type EscalationTarget,
  MOST_REPEATS,
  SHORTEST_DELAY_MS,
} from './policy.ts';

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;
const DELAY_MS = 300_000;

/** `escalation_policies` of the configuration file; the name of each is its id, too. */
export function readEscalationPolicies(file: ConfigMap): EscalationPolicy[] {
  const known = new Set<string>();
  return (file.maps('escalation_policies') ?? []).map((map) => {
    const name = map.text('name') ?? '';
    if (name === '') map.fail('name', 'give the policy a name');
    else if (known.has(name)) map.fail('name', `there is a policy "${name}" already`);
    known.add(name);
    const steps = (map.maps('steps') ?? []).map(readStep);
    if (steps.length === 0) map.fail('steps', 'give at least one step');
    const repeat = map.whole('repeat') ?? 0;
    if (repeat > MOST_REPEATS) map.fail('repeat', `use 0 to ${MOST_REPEATS}`);
    const never = map.text('ack_timeout') === 'never';
    const policy: EscalationPolicy = {
      id: name,
      name,
      description: map.text('description') ?? '',
      steps,
      repeat,
      fallback: (map.maps('fallback') ?? []).map(readTarget),
      ackTimeoutMs: never ? null : (map.duration('ack_timeout') ?? ACK_TIMEOUT_MS),
      origin: 'file',
      createdAt: 0,
      updatedAt: 0,
    };
    map.refuseOthers();
    return policy;
  });
}

function readStep(map: ConfigMap): EscalationStep {
  const delayMs = map.duration('delay') ?? DELAY_MS;
  if (delayMs < SHORTEST_DELAY_MS) map.fail('delay', 'must be at least 30s');
  const targets = (map.maps('targets') ?? []).map(readTarget);
  if (targets.length === 0) map.fail('targets', 'name at least one target');
  const urgency = map.oneOf('urgency', ['high', 'low'] as const) ?? null;
  const conditions = readConditions(map.map('conditions'));
  map.refuseOthers();
  return { delayMs, targets, urgency, conditions };
}

function readTarget(map: ConfigMap): EscalationTarget {
  const user = map.text('user');
  const schedule = map.text('schedule');
  const receiver = map.text('receiver');
  const webhook = map.text('webhook');
  const channel = map.oneOf('channel', CHANNEL_NAMES);
  const address = map.text('address');
  map.refuseOthers();
  const given = [user, schedule, receiver, webhook, channel].filter((one) => one !== undefined);
  if (given.length !== 1) map.fail('', 'give one of user, schedule, channel, receiver, webhook');
  if (address !== undefined && channel === undefined) map.fail('address', 'belongs to a channel');
  if (channel === 'in_app') map.fail('channel', 'for the inbox, name the user');
  if (channel !== undefined) return { channel, address: address ?? '' };
  if (webhook !== undefined) return { channel: 'webhook', address: webhook };
  if (schedule !== undefined) return { schedule };
  return receiver !== undefined ? { receiver } : { user: user ?? '' };
}

function readConditions(map: ConfigMap | undefined): EscalationConditions {
  if (!map) return { hours: [], timeZone: 'UTC', minSeverity: null, count: null };
  const zone = map.text('time_zone') ?? 'UTC';
  try {
    timeZone(zone);
  } catch (error) {
    map.fail('time_zone', (error as Error).message);
  }
  const count = map.map('count');
  const conditions: EscalationConditions = {
    hours: (map.maps('hours') ?? []).map(readHours),
    timeZone: zone,
    minSeverity: map.oneOf('min_severity', SEVERITIES) ?? null,
    count: count ? { atLeast: count.whole('at_least', 1) ?? 1, withinMs: count.duration('within') ?? 3_600_000 } : null,
  };
  count?.refuseOthers();
  map.refuseOthers();
  return conditions;
}

function readHours(map: ConfigMap): OnCallHours {
  const days = (map.texts('days') ?? ['1', '2', '3', '4', '5', '6', '7']).map(Number);
  if (!days.every((day) => Number.isInteger(day) && day >= 1 && day <= 7)) map.fail('days', 'use 1 (Monday) to 7');
  const [start, end] = (['start', 'end'] as const).map((key) => {
    const text = map.text(key) ?? '';
    if (!CLOCK.test(text)) map.fail(key, 'use a time such as 09:00, in quotes');
    return text;
  });
  map.refuseOthers();
  return { days, start: start!, end: end! };
}
