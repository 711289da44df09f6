import {
  type EscalationPolicy,
  type EscalationPolicyForm,
  type EscalationTarget,
  redactedAddress,
  SHORTEST_DELAY_MS,
} from '../../alerting/index.ts';
import { formatDuration, parseDuration } from '../../lib/duration.ts';
import { formatInstant } from '../../lib/instant.ts';
import { type Issue, invalid } from '../../model/errors.ts';
import type {
  EscalationPolicyPatchBody,
  EscalationPolicyView,
  EscalationStepBody,
  EscalationTargetBody,
} from '../contract/escalation.ts';

type StepForm = EscalationPolicyForm['steps'][number];

const LONGEST_DELAY_MS = 7 * 86_400_000;
const DAY_MS = 86_400_000;

/** Throws 422 where a time is out of bounds. */
export function toPolicyForm(body: Required<EscalationPolicyPatchBody>): EscalationPolicyForm {
  return toPolicyPatch(body) as EscalationPolicyForm;
}

/** The fields that are given. Throws 422 where a time is out of bounds. */
export function toPolicyPatch(body: EscalationPolicyPatchBody): Partial<EscalationPolicyForm> {
  const issues = (body.steps ?? []).flatMap(timeIssues);
  if (issues.length > 0) throw invalid(...issues);
  const { name, description, steps, repeat, fallback, ack_timeout: ackTimeout } = body;
  return {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(steps !== undefined && { steps: steps.map(toStep) }),
    ...(repeat !== undefined && { repeat }),
    ...(fallback !== undefined && { fallback: fallback.map(toTarget) }),
    ...(ackTimeout !== undefined && { ackTimeoutMs: ackTimeout === null ? null : parseDuration(ackTimeout)! }),
  };
}

function timeIssues({ delay, conditions }: EscalationStepBody, index: number): Issue[] {
  const issues: Issue[] = [];
  const delayMs = parseDuration(delay)!;
  if (delayMs < SHORTEST_DELAY_MS || delayMs > LONGEST_DELAY_MS) {
    issues.push({ path: `steps[${index}].delay`, message: 'must be 30s to 7d' });
  }
  const withinMs = conditions.count ? parseDuration(conditions.count.within)! : DAY_MS;
  if (withinMs <= 0 || withinMs > 7 * DAY_MS) {
    issues.push({ path: `steps[${index}].conditions.count.within`, message: 'must be above zero and at most 7d' });
  }
  return issues;
}

function toStep({ delay, targets, urgency, conditions }: EscalationStepBody): StepForm {
  const { hours, time_zone: timeZone, min_severity: minSeverity, count } = conditions;
  return {
    delayMs: parseDuration(delay)!,
    targets: targets.map(toTarget),
    urgency,
    conditions: {
      hours,
      timeZone,
      minSeverity,
      count: count && { atLeast: count.at_least, withinMs: parseDuration(count.within)! },
    },
  };
}

function toTarget({ user, schedule, channel, address, receiver, webhook }: EscalationTargetBody): EscalationTarget {
  if (user !== undefined) return { user };
  if (schedule !== undefined) return { schedule };
  if (receiver !== undefined) return { receiver };
  return channel === undefined ? { channel: 'webhook', address: webhook! } : { channel, address: address ?? '' };
}

export function showPolicy(policy: EscalationPolicy): EscalationPolicyView {
  return {
    id: policy.id,
    name: policy.name,
    description: policy.description,
    steps: policy.steps.map(showStep),
    repeat: policy.repeat,
    fallback: policy.fallback.map(showTarget),
    ack_timeout: policy.ackTimeoutMs === null ? null : formatDuration(policy.ackTimeoutMs),
    origin: policy.origin,
    created_at: formatInstant(policy.createdAt),
    updated_at: formatInstant(policy.updatedAt),
  };
}

function showStep({ delayMs, targets, urgency, conditions }: StepForm): EscalationPolicyView['steps'][number] {
  const { hours, timeZone, minSeverity, count } = conditions;
  return {
    delay: formatDuration(delayMs),
    targets: targets.map(showTarget),
    urgency,
    conditions: {
      time_zone: timeZone,
      hours: hours.map((one) => ({ ...one, days: [...one.days] })),
      min_severity: minSeverity,
      count: count && { at_least: count.atLeast, within: formatDuration(count.withinMs) },
    },
  };
}

function showTarget(target: EscalationTarget): EscalationPolicyView['fallback'][number] {
  if (!('channel' in target)) return { ...target };
  const { channel, address } = target;
  if (channel === 'in_app') return { user: address };
  return { channel, ...(address !== '' && { address: redactedAddress(channel, address) }) };
}
