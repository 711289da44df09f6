import type { Channels } from '../../channels/index.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import { CHANNEL_NAMES, type ChannelName } from '../../model/notification-request.ts';
import type { ControlStore } from '../../stores/control/index.ts';
import { type People, withPerson } from '../directory/person.ts';
import type { PlannedDelivery } from '../plan-target.ts';
import type { ContactLinks } from './contact-link.ts';
import { type ContactName, ContactVerification } from './contact-verification.ts';
import { explain, type Question } from './explain.ts';
import { describeContacts, PreferenceBook, type PreferenceForm, type PreferenceSheet } from './preference-book.ts';
import type { OrganisationDefaults } from './user-preferences.ts';

export interface PreferenceDeskOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly channels: Channels['byName'];
  readonly organisation: () => OrganisationDefaults;
  readonly people: People;
  readonly isOnline: (userId: string) => boolean;
  readonly links: ContactLinks;
  /** Hears what others know of these users, where nothing is known yet; waits for it, but not for long. */
  readonly prepare: (userIds: readonly string[]) => Promise<void>;
}

/** How users want to be told: what they have decided, whether their addresses are theirs, and what follows from it. */
export class PreferenceDesk {
  readonly #options: PreferenceDeskOptions;
  readonly #book: PreferenceBook;
  readonly #verification: ContactVerification;

  constructor(options: PreferenceDeskOptions) {
    this.#options = options;
    this.#book = new PreferenceBook(options.store, options.channels, options.clock, options.organisation);
    this.#verification = new ContactVerification(options);
  }

  /** The defaults for a user never seen. Addresses without their secrets. */
  async read(userId: string): Promise<PreferenceSheet> {
    await this.#options.prepare([userId]);
    return this.#shown(await this.#known(userId));
  }

  /** As `PreferenceBook.update`; to new addresses that are not trusted a code is sent. */
  async update(userId: string, form: PreferenceForm, trusted: boolean): Promise<PreferenceSheet> {
    const { sheet, codes } = await this.#book.update(userId, form, trusted);
    await this.#verification.send(userId, codes);
    return this.#shown({ ...sheet, ...withPerson(sheet, this.#options.people.person(userId)) });
  }

  /** What the links of verification messages lead to. */
  get links(): Pick<ContactVerification, 'linked' | 'follow'> {
    return this.#verification;
  }

  /** With a code: says it back. Without: sends a new one. Throws `invalid`. */
  async verify(name: ContactName, code: string | undefined): Promise<PreferenceSheet> {
    if (code === undefined) await this.#verification.again(name);
    else await this.#verification.confirm(name, code);
    return this.read(name.userId);
  }

  /** Channels that are on, configured, and have a verified address of the user; the inbox, too. */
  async reachableBy(userId: string): Promise<ChannelName[]> {
    await this.#options.prepare([userId]);
    const { channels, contacts, organisation, disabled } = await this.#known(userId);
    return CHANNEL_NAMES.filter((channel) => {
      const enabled = !disabled && (channels[channel]?.enabled ?? organisation.channels[channel]?.enabled ?? true);
      if (!enabled || channel === 'in_app') return enabled;
      const built = this.#options.channels[channel];
      const own = contacts[channel] ?? [];
      return own.some(({ address, verified }) => verified && built.unavailable(address) === undefined);
    });
  }

  /** What would become of a notification of this kind, by each channel. */
  async explain(question: Question): Promise<PlannedDelivery[]> {
    await this.#options.prepare([question.userId]);
    const { store, channels, organisation, isOnline, people } = this.#options;
    return explain(question, { store, channels, organisation: organisation(), isOnline, people });
  }

  /** With what others know of the user. */
  async #known(userId: string): Promise<PreferenceSheet> {
    const sheet = await this.#book.read(userId);
    return { ...sheet, ...withPerson(sheet, this.#options.people.person(userId)) };
  }

  #shown(sheet: PreferenceSheet): PreferenceSheet {
    const { channels } = this.#options;
    const contacts = Object.entries(sheet.contacts).map(([channel, list]) => [
      channel,
      describeContacts(list, channel as keyof Channels['byName'], channels),
    ]);
    return { ...sheet, contacts: Object.fromEntries(contacts) };
  }
}
