import type { Severity } from './severity.ts';

/** Channels that are built; a new one is a folder under `channels/` and a word here. */
export const CHANNEL_NAMES = [
  ...(['email', 'slack', 'teams', 'sms', 'webhook', 'in_app'] as const),
  ...(['discord', 'telegram', 'ntfy', 'pagerduty'] as const),
] as const;
export type ChannelName = (typeof CHANNEL_NAMES)[number];

/** Why a notification was kept back as a whole. */
export type SilenceReason = 'silenced' | 'inhibited' | 'maintenance' | 'muted' | 'flapping' | 'snoozed';

/** What somebody wants said to somebody: the one way into the notification centre, for alerts and callers alike. */
export interface NotificationRequest {
  /** The caller's category (`alert.firing`, `alert.resolved`, `validation`, ...). */
  readonly type: string;
  readonly severity: Severity;
  /** Either a finished text or a template with its data; a text wins over the template's. */
  readonly subject?: string;
  readonly message?: string;
  /** Id of a template; left out, the one that belongs to `type`, else the plain one. */
  readonly template?: string;
  /** Variables of the template; JSON only. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly users: readonly string[];
  /** Addresses given outright, besides or instead of users. */
  readonly addresses: readonly { readonly channel: ChannelName; readonly address: string }[];
  /** True: also to the configured default recipients (`ALERT_USERS`, `ALERT_EMAIL_TO`, every default channel). */
  readonly defaultRecipients: boolean;
  /** Left out: the recipients' preferences decide. */
  readonly channels?: readonly ChannelName[];
  readonly critical: boolean;
  readonly alertId?: string;
  readonly episodeId?: string;
  /** The incident that it is about; mails of one incident are one thread. */
  readonly incidentId?: string;
  /**
   * True: goes only to the targets that an earlier notification of the same `episodeId` was sent to or is queued for
   * (a resolve follows its firing, nobody else hears of it), and cancels firings of the episode still waiting there.
   */
  readonly followsEpisode?: boolean;
  /** With `followsEpisode`: but not to the targets of these episodes, who hear of it by their own. */
  readonly exceptFollowersOf?: readonly string[];
  /** Set: nothing is sent; what would have gone where is written down, with the reason. */
  readonly suppressed?: { readonly reason: SilenceReason; readonly detail: string };
  /** At most one notification is ever made for a key. */
  readonly dedupKey?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}
