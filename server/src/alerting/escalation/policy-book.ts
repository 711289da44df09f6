import { newId } from '../../lib/id.ts';
import { type Issue, invalid, notFound, ServiceError } from '../../model/errors.ts';
import {
  type ControlStore,
  deleteEscalationPolicy,
  listEscalationPolicies,
  saveEscalationPolicy,
} from '../../stores/control/index.ts';
import { timeZone } from '../alertmanager-config/time-interval.ts';
import { redactedAddress } from './address.ts';
import type { EscalationPolicy, EscalationPolicyForm, EscalationTarget } from './policy.ts';

const MOST_POLICIES = 500;

/** All escalation policies: those of the configuration file and those of the API. Memory follows the store. */
export class EscalationPolicyBook {
  readonly #store: ControlStore;
  /** Names of those who have chosen a policy. */
  readonly #usersOf: (policy: EscalationPolicy) => string[];
  #policies = new Map<string, EscalationPolicy>();

  constructor(
    store: ControlStore,
    configured: readonly EscalationPolicy[],
    usersOf: (policy: EscalationPolicy) => string[],
  ) {
    this.#store = store;
    this.#usersOf = usersOf;
    this.take(configured);
  }

  async load(): Promise<void> {
    this.take(await this.read([...this.#policies.values()].filter(({ origin }) => origin === 'file')));
  }

  /** What there is when the file has these. */
  async read(configured: readonly EscalationPolicy[]): Promise<EscalationPolicy[]> {
    const stored = (await listEscalationPolicies(this.#store.db)).flatMap((row): EscalationPolicy[] => {
      // The file has it now: what the API has made under its name is kept, and not used.
      if (configured.some(({ name }) => name === row.name)) return [];
      const form = JSON.parse(row.definition) as EscalationPolicyForm;
      const { id, created_at: createdAt, updated_at: updatedAt } = row;
      return [{ ...form, id, origin: 'api', createdAt, updatedAt }];
    });
    return [...configured, ...stored];
  }

  /** From now on there are these, all of them; what escalates already keeps its policy. */
  take(policies: readonly EscalationPolicy[]): void {
    this.#policies = new Map(policies.map((policy) => [policy.id, policy]));
  }

  /** By name. */
  list(): EscalationPolicy[] {
    return [...this.#policies.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** By id or name, or `undefined`. */
  find(reference: string): EscalationPolicy | undefined {
    return this.#policies.get(reference) ?? this.list().find(({ name }) => name === reference);
  }

  /** Throws 404. */
  get(id: string): EscalationPolicy {
    const policy = this.#policies.get(id);
    if (!policy) throw notFound(`there is no escalation policy with the id ${id}`);
    return policy;
  }

  /** Throws 422 naming what is wrong, 409 where the name is taken. */
  create(form: EscalationPolicyForm, now: number): Promise<EscalationPolicy> {
    if (this.#policies.size >= MOST_POLICIES) {
      throw new ServiceError('conflict', `there are ${MOST_POLICIES} escalation policies already`);
    }
    return this.#save({ ...form, id: newId(), origin: 'api', createdAt: now, updatedAt: now });
  }

  /**
   * Changes what later alerts go by; what escalates already keeps its policy. An address as it is shown, without its
   * secret, stands for the one that is stored. Throws 404, 409, 422.
   */
  update(id: string, patch: Partial<EscalationPolicyForm>, now: number): Promise<EscalationPolicy> {
    const before = this.#own(id);
    const known = targetsOf(before);
    const whole = (targets: readonly EscalationTarget[]) => targets.map((target) => withSecret(target, known));
    const merged = { ...before, ...patch, updatedAt: now };
    return this.#save({
      ...merged,
      steps: merged.steps.map((step) => ({ ...step, targets: whole(step.targets) })),
      fallback: whole(merged.fallback),
    });
  }

  /** Throws 404, 409 where the file has it or somebody uses it. */
  async remove(id: string): Promise<void> {
    const users = this.#usersOf(this.#own(id));
    if (users.length > 0) {
      throw new ServiceError(
        'conflict',
        `it is used by ${users.slice(0, 5).join(', ')}: choose another one there first`,
      );
    }
    await deleteEscalationPolicy(this.#store.db, id);
    this.#policies.delete(id);
  }

  #own(id: string): EscalationPolicy {
    const policy = this.get(id);
    if (policy.origin === 'api') return policy;
    throw new ServiceError('conflict', `the configuration file has the policy ${policy.name}: change it there`);
  }

  async #save(policy: EscalationPolicy): Promise<EscalationPolicy> {
    const issues = zoneIssues(policy);
    if (issues.length > 0) throw invalid(...issues);
    if (this.list().some(({ id, name }) => name === policy.name && id !== policy.id)) {
      throw new ServiceError('conflict', `there is an escalation policy with the name ${policy.name} already`);
    }
    const { id, name, origin: _, createdAt, updatedAt, ...form } = policy;
    await saveEscalationPolicy(this.#store.db, {
      id,
      name,
      definition: JSON.stringify({ name, ...form }),
      created_at: createdAt,
      updated_at: updatedAt,
    });
    this.#policies.set(id, policy);
    return policy;
  }
}

function targetsOf({ steps, fallback }: EscalationPolicy): EscalationTarget[] {
  return [...steps.flatMap(({ targets }) => targets), ...fallback];
}

function withSecret(target: EscalationTarget, known: readonly EscalationTarget[]): EscalationTarget {
  if (!('channel' in target)) return target;
  const stored = known.find(
    (one) =>
      'channel' in one &&
      one.channel === target.channel &&
      redactedAddress(one.channel, one.address) === target.address,
  );
  return stored ?? target;
}

function zoneIssues({ steps }: EscalationPolicy): Issue[] {
  return steps.flatMap(({ conditions }, index) => {
    try {
      timeZone(conditions.timeZone);
      return [];
    } catch (error) {
      return [{ path: `steps[${index}].conditions.time_zone`, message: (error as Error).message }];
    }
  });
}
