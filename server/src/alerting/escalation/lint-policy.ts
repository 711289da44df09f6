import type { NotificationCentre } from '../notices/notification-centre.ts';
import type { OnCallBook } from '../on-call/on-call-book.ts';
import type { Routing } from '../routing/routing.ts';
import type { EscalationPolicy, EscalationTarget } from './policy.ts';
import { findSchedule } from './recipients.ts';

/** Something about a policy by which people may not be reached. */
export interface PolicyLint {
  /** Where: `steps[0].targets[1]`. */
  readonly path: string;
  /** `error`: it reaches nobody there as things stand. */
  readonly level: 'error' | 'warning';
  readonly message: string;
  /** Who is not reached, where it is about one person: the message begins with it. */
  readonly user?: string;
}

export interface LintContext {
  readonly onCall: OnCallBook;
  readonly routing: Routing;
  readonly notifications: NotificationCentre;
}

const AHEAD_MS = 14 * 86_400_000;

/** What would keep the policy from reaching somebody, before it does. */
export async function lintPolicy(policy: EscalationPolicy, context: LintContext, now: number): Promise<PolicyLint[]> {
  const found: PolicyLint[] = [];
  for (const [index, { targets }] of policy.steps.entries()) {
    if (targets.length === 0) found.push({ path: `steps[${index}].targets`, level: 'error', message: 'names nobody' });
    for (const [position, target] of targets.entries()) {
      const path = `steps[${index}].targets[${position}]`;
      for (const problem of await problemsOf(target, context, now)) found.push({ path, ...problem });
    }
  }
  for (const [position, target] of policy.fallback.entries()) {
    for (const problem of await problemsOf(target, context, now))
      found.push({ path: `fallback[${position}]`, ...problem });
  }
  if (policy.fallback.length === 0) {
    const message = 'no fallback: where a step reaches nobody, the default recipients are told';
    found.push({ path: 'fallback', level: 'warning', message });
  }
  return found;
}

type Problem = Omit<PolicyLint, 'path'>;

async function problemsOf(target: EscalationTarget, context: LintContext, now: number): Promise<Problem[]> {
  if ('user' in target) return contactProblems(target.user, context);
  if ('channel' in target) {
    const message = context.notifications.channelProblem(target.channel, target.address);
    return message === undefined ? [] : [{ level: 'error', message }];
  }
  if ('schedule' in target) return scheduleProblems(target.schedule, context, now);
  const receiver = context.routing.receivers.find(({ name }) => name === target.receiver);
  if (!receiver) return [{ level: 'error', message: `there is no receiver ${target.receiver}` }];
  if (receiver.integrations.length > 0 || receiver.defaultRecipients) return [];
  return [{ level: 'error', message: `the receiver ${target.receiver} sends to nobody` }];
}

async function contactProblems(userId: string, { notifications }: LintContext): Promise<Problem[]> {
  const contacts = await notifications.contactsOf(userId);
  if (contacts.some((channel) => channel !== 'in_app')) return [];
  if (contacts.length === 0)
    return [{ level: 'error', user: userId, message: `${userId}: everything is switched off` }];
  const message = `${userId}: no address, only the inbox of the console is reached`;
  return [{ level: 'warning', user: userId, message }];
}

async function scheduleProblems(reference: string, context: LintContext, now: number): Promise<Problem[]> {
  const schedule = findSchedule(context.onCall, reference);
  if (!schedule) return [{ level: 'error', message: `there is no on-call schedule ${reference}` }];
  const shifts = context.onCall.shifts(schedule.id, { start: now, end: now + AHEAD_MS });
  if (shifts.length === 0) return [{ level: 'error', message: `nobody is on call by ${schedule.name} for two weeks` }];
  const problems: Problem[] = [];
  let from = now;
  for (const { startsAt, endsAt } of [...shifts, { startsAt: now + AHEAD_MS, endsAt: now + AHEAD_MS }]) {
    if (startsAt > from) {
      const when = from === now ? 'now' : `at ${new Date(from).toISOString().slice(0, 16)}Z`;
      problems.push({ level: 'warning', message: `nobody is on call by ${schedule.name} ${when}` });
      break;
    }
    from = endsAt;
  }
  for (const userId of new Set(shifts.map((shift) => shift.userId)))
    problems.push(...(await contactProblems(userId, context)));
  return problems;
}
