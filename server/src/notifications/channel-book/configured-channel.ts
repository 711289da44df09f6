import type { ChannelSettings, SendingChannelName } from '../../channels/index.ts';
import type { BreakerState } from '../breakers.ts';

/** A channel as the configuration file or a caller describes it. */
export interface ConfiguredChannel {
  readonly id: string;
  readonly name: string;
  readonly kind: SendingChannelName;
  /** Secrets among them. */
  readonly settings: ChannelSettings;
  readonly enabled: boolean;
}

/** A change of one: of the settings, secrets that are left out stay as they are, null removes. */
export interface ChannelForm extends Omit<ConfiguredChannel, 'settings'> {
  readonly settings: Readonly<Record<string, string | null>>;
}

/** A channel as people may see it. */
export interface ChannelEntry {
  readonly id: string;
  readonly name: string;
  readonly kind: SendingChannelName;
  /** `settings`: of the environment, the default of its kind; those and those of the `file` are read-only here. */
  readonly origin: 'settings' | 'file' | 'api';
  readonly enabled: boolean;
  /** Without secrets. */
  readonly settings: ChannelSettings;
  /** Names of the secrets that are set. */
  readonly secrets: readonly string[];
  /** What to give as an address to send there. */
  readonly address: string;
  /** Where it sends to, without secrets. */
  readonly target: string | null;
  /** Why nothing can be sent there, as something to do. */
  readonly problem: string | null;
  readonly breaker: BreakerState;
  /** Of the file: whether the API had saved the same or another one under this id. */
  readonly drift: 'same' | 'different' | null;
  /** Unix milliseconds. */
  readonly createdAt: number | null;
  readonly updatedAt: number | null;
  readonly savedBy: string | null;
}

/** How a test went. */
export interface ChannelTest {
  readonly outcome: 'sent' | 'retry' | 'failed';
  readonly reason: string | null;
  readonly detail: string | null;
  readonly recipient: string;
  readonly tookMs: number;
}
