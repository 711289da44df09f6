import type { Channels } from '../channels/index.ts';
import { closeNames } from '../lib/close-names.ts';
import { type Issue, invalid } from '../model/errors.ts';
import { CHANNEL_NAMES, type ChannelName } from '../model/notification-request.ts';
import type { Severity } from '../model/severity.ts';
import { GROUP_PREFIX } from './directory/person.ts';
import type { PlannedRequest } from './plan.ts';

/** What a caller of the API wants said. */
export interface NotifyCommand {
  readonly userId?: string | undefined;
  /** Also to the members of these groups. */
  readonly groups?: readonly string[] | undefined;
  /** Also to everybody who has subscribed to this topic. */
  readonly topic?: string | undefined;
  readonly type: string;
  readonly channels?: readonly ChannelName[] | undefined;
  readonly subject?: string | undefined;
  readonly message?: string | undefined;
  /** Overrides the user's address, or stands for itself. */
  readonly to?: string | undefined;
  readonly template?: string | undefined;
  /** BCP 47. */
  readonly locale?: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
  readonly severity: Severity;
  readonly critical: boolean;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Not before; Unix milliseconds. */
  readonly sendAt?: number | undefined;
  /** For users who have not decided about digests. */
  readonly digest?: string | undefined;
  /** For users who have not decided so themselves; milliseconds. */
  readonly unseenForMs?: number | undefined;
  /** `channels` are a chain; without `afterMs` the next one is only for where the one before fails. */
  readonly fallback?: { readonly afterMs?: number | undefined } | undefined;
}

type SendingName = keyof Channels['byName'];

/** The command as a request. Throws `invalid` with everything that is wrong with it. */
export function toRequest(
  command: NotifyCommand,
  channels: Channels['byName'],
  templateIds: readonly string[],
): PlannedRequest {
  const issues = [...checkContent(command, templateIds), ...checkRecipient(command)];
  const targets = command.to === undefined ? [] : targetsOf(command.to, command.channels, channels, issues);
  if (issues.length > 0) throw invalid(...issues);
  const { userId, to, groups = [] } = command;
  const isForOthers = command.topic !== undefined || groups.length > 0;
  // An address without channels names the channel by its form.
  const named = command.channels ?? (to === undefined ? undefined : targets);
  return {
    type: command.type,
    severity: command.severity,
    critical: command.critical,
    data: command.data,
    ...(command.subject !== undefined && { subject: command.subject }),
    ...(command.message !== undefined && { message: command.message }),
    ...(command.template !== undefined && { template: command.template }),
    ...(command.locale !== undefined && { locale: command.locale }),
    ...(command.metadata !== undefined && { metadata: command.metadata }),
    ...(named && { channels: named }),
    ...(command.sendAt !== undefined && { sendAt: command.sendAt }),
    ...(command.digest !== undefined && { digest: command.digest }),
    ...(command.unseenForMs !== undefined && { unseenForMs: command.unseenForMs }),
    ...(command.fallback && {
      fallback: command.fallback.afterMs === undefined ? {} : { afterMs: command.fallback.afterMs },
    }),
    defaultRecipients: false,
    users: [...(userId === undefined ? [] : [userId]), ...groups.map((group) => `${GROUP_PREFIX}${group}`)],
    ...(userId === undefined
      ? {
          addresses: (to === undefined && isForOthers ? [] : (named ?? [])).map((channel) => ({
            channel,
            address: isTarget(targets, channel) ? to! : '',
          })),
        }
      : { addresses: [], overrides: Object.fromEntries(targets.map((channel) => [channel, to!])) }),
  };
}

function isTarget(targets: readonly SendingName[], channel: ChannelName): boolean {
  return (targets as readonly ChannelName[]).includes(channel);
}

function checkContent(command: NotifyCommand, templateIds: readonly string[]): Issue[] {
  const { template } = command;
  if (template !== undefined && !templateIds.includes(template)) {
    const close = closeNames(template, templateIds);
    const hint = close.length > 0 ? `did you mean ${close.join(' or ')}?` : `there are ${templateIds.join(', ')}`;
    return [{ path: 'template', message: `there is no template "${template}"; ${hint}` }];
  }
  const silent = [command.subject, command.message, template].every((text) => text === undefined || text.trim() === '');
  return silent ? [{ path: 'message', message: 'say something: message, subject or template' }] : [];
}

function checkRecipient(command: NotifyCommand): Issue[] {
  const isForPeople = command.userId !== undefined || (command.groups?.length ?? 0) > 0;
  if (!isForPeople && command.to === undefined && command.topic === undefined) {
    return [{ path: 'user_id', message: 'say for whom: user_id, group, to with an address, or topic' }];
  }
  if (command.fallback && (command.channels?.length ?? 0) < 2) {
    return [{ path: 'fallback', message: 'name at least two channels, in their order' }];
  }
  if (!isForPeople && command.topic === undefined && command.channels?.includes('in_app')) {
    return [{ path: 'user_id', message: 'the channel in_app needs a user_id: whose inbox?' }];
  }
  return [];
}

/** The channels that `to` is an address of. */
function targetsOf(
  to: string,
  named: readonly ChannelName[] | undefined,
  channels: Channels['byName'],
  issues: Issue[],
): SendingName[] {
  // A URL alone does not say whose webhook it is; a configured channel does.
  const unnamed = to.startsWith('channel:') ? CHANNEL_NAMES : (['email', 'sms', 'webhook'] as const);
  const candidates = (named ?? unnamed).filter((name) => name !== 'in_app');
  const problems = candidates.map((name) => ({ name, problem: channels[name].checkAddress(to) }));
  const fitting = problems.filter((entry) => entry.problem === undefined).map((entry) => entry.name);
  if (fitting.length > 0) return fitting;
  if (named === undefined) {
    const known = CHANNEL_NAMES.filter((name) => name !== 'in_app').join(', ');
    issues.push({
      path: 'to',
      message: `is no e-mail address, phone number, URL or configured channel; name the channel (${known})`,
    });
  } else if (problems.length === 0) {
    issues.push({ path: 'to', message: 'the channel in_app has no addresses; leave "to" out' });
  } else {
    const reasons = problems.map(({ name, problem }) => `${problem} (channel ${name})`);
    issues.push({ path: 'to', message: reasons.join('; ') });
  }
  return [];
}
