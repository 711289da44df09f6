import { isDeepStrictEqual } from 'node:util';
import { Serial } from '../../lib/serial.ts';
import { type Issue, invalid } from '../../model/errors.ts';
import type { ConfiguredRouting } from '../alertmanager-config/config.ts';
import type { EscalationPolicy } from '../escalation/policy.ts';
import type { EscalationPolicyBook } from '../escalation/policy-book.ts';
import type { Dispatcher } from '../grouping/dispatcher.ts';
import type { ConfiguredCorrelation } from '../incidents/correlation-rule.ts';
import type { IncidentBook } from '../incidents/incident-book.ts';
import type { ProvisionedAlerts } from '../provisioning/provisioned-alerts.ts';
import { Routing } from '../routing/routing.ts';
import type { RoutingBook } from '../routing/routing-book.ts';
import type { ConfiguredRules } from '../rule-files/configured-rules.ts';
import type { RuleFileBook } from '../rule-groups/rule-file-book.ts';
import type { AlertForm } from '../rules/alert-rule.ts';
import { type Choices, unknownPolicies } from './choices.ts';

/** What the configuration file decides about alerts. */
export interface AlertingConfiguration {
  readonly routing: ConfiguredRouting | undefined;
  readonly escalationPolicies: readonly EscalationPolicy[];
  readonly correlation: ConfiguredCorrelation;
  readonly rules: ConfiguredRules;
  /** The alerts that it lists. */
  readonly forms: readonly AlertForm[];
}

interface ConfiguredParts {
  readonly routing: RoutingBook;
  readonly dispatcher: Dispatcher;
  readonly policies: EscalationPolicyBook;
  readonly incidents: IncidentBook;
  readonly ruleFiles: RuleFileBook;
  readonly provisioned: ProvisionedAlerts;
}

/** Takes what the configuration file decides about alerts, while they run. */
export class ConfiguredAlerting {
  readonly #parts: ConfiguredParts;
  readonly #turns = new Serial();

  constructor(parts: ConfiguredParts) {
    this.#parts = parts;
  }

  /** What does not work as configured although the service runs. */
  get problems(): Issue[] {
    const { policies, dispatcher } = this.#parts;
    const { receivers } = dispatcher.routing;
    return unknownPolicies({ receivers, isPolicy: (reference) => policies.find(reference) !== undefined });
  }

  /**
   * Puts a changed configuration into force: who was told stays told, what escalates keeps its policy, incidents stay
   * what they are. Throws 422 naming every mistake; then nothing has changed.
   */
  configure(config: AlertingConfiguration): Promise<void> {
    return this.#turns.run(async () => {
      const { routing, dispatcher, policies, incidents, ruleFiles, provisioned } = this.#parts;
      const next = await routing.read(config.routing);
      const nextRouting = new Routing(next?.routing.config);
      const escalationPolicies = await policies.read(config.escalationPolicies);
      const choices: Choices = {
        receivers: nextRouting.receivers,
        isPolicy: (reference) => escalationPolicies.some(({ id, name }) => id === reference || name === reference),
      };
      const issues = [
        ...(config.routing ? unknownPolicies(choices) : []),
        ...provisioned.issues(config.forms, choices, namesOf(config.rules)),
      ];
      if (issues.length > 0) throw invalid(...issues);
      policies.take(escalationPolicies);
      const isSame = isDeepStrictEqual(next?.routing.document, routing.document);
      routing.take(config.routing, next);
      if (!isSame) await dispatcher.reroute(nextRouting);
      incidents.configure(config.correlation);
      await ruleFiles.configure(config.rules);
      await provisioned.configure(config.forms);
    });
  }
}

/** Of the alerts that rule files make. */
function namesOf({ files }: ConfiguredRules): string[] {
  const rules = files.flatMap(({ groups }) => groups.flatMap((group) => group.rules));
  return rules.filter(({ kind }) => kind === 'alert').map(({ name }) => name);
}
