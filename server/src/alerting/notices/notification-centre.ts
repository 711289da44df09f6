import type { ChannelName, NotificationRequest } from '../../model/notification-request.ts';
import type { AnnotationForm } from '../../notifications/index.ts';
import type { Executor } from '../../stores/control/index.ts';
import type { DeliveryHealth } from '../self-monitor/self-checks.ts';

/** What alerting needs of the notification module. */
export interface NotificationCentre {
  /** Writes the notification and its deliveries within the caller's transaction; sends nothing yet. */
  enqueue(executor: Executor, request: NotificationRequest): Promise<EnqueuedNotification>;
  /** Ends what of an episode still waits to be sent, since somebody has it in hand. */
  cancelEpisode(executor: Executor, episodeId: string, reason: string): Promise<unknown>;
  /** Channels by which a user can be reached as things stand. */
  contactsOf(userId: string): Promise<ChannelName[]>;
  /** Why nothing can be sent there, or `undefined`; an empty address: the channel's configured endpoint. */
  channelProblem(channel: ChannelName, address: string): string | undefined;
  /** Channels by which the default recipients can be reached. */
  readonly defaultChannels: readonly ChannelName[];
  /** Users among the default recipients. */
  readonly defaultUsers: readonly string[];
  /** How deliveries fare. */
  deliveryHealth(): Promise<DeliveryHealth>;
  /** What charts and timelines show. */
  readonly annotations: {
    /** A deploy that nobody had to tell of; nothing where somebody has. */
    writeFound(db: Executor, form: AnnotationForm & { readonly kind: 'deploy' }): Promise<void>;
  };
  /** Called after the transaction was committed: there may be something to send. */
  wake(): void;
}

export interface EnqueuedNotification {
  readonly id: string;
  readonly deliveries: readonly {
    readonly id: string;
    readonly channel: string;
    readonly recipient: string;
    readonly status: string;
    readonly reason?: string | null | undefined;
  }[];
}
