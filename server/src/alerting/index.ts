export { Alerting, type AlertingOptions } from './alerting.ts';
export {
  type AlertmanagerConfig,
  type ConfiguredRouting,
  readConfiguredRouting,
} from './alertmanager-config/config.ts';
export { showRoute } from './alertmanager-config/original.ts';
export { type Receiver, receiverHosts } from './alertmanager-config/receivers.ts';
export { redactedAddress } from './escalation/address.ts';
export type { Escalation } from './escalation/escalation.ts';
export {
  type EscalationPolicy,
  type EscalationPolicyForm,
  type EscalationTarget,
  SHORTEST_DELAY_MS,
} from './escalation/policy.ts';
export { readEscalationPolicies } from './escalation/read-policies.ts';
export {
  foundInstances,
  type Instance,
  isInState,
  type LiveRule,
  ruleState,
  serviceOf,
  shownLabels,
} from './evaluation/live-rule.ts';
export type { ExternalAlert } from './external/external-alert.ts';
export type { Suppression } from './grouping/decide.ts';
export type { Group } from './grouping/group.ts';
export type { RoutedAlert } from './grouping/routed-alert.ts';
export type { Heartbeat, HeartbeatForm } from './heartbeats/heartbeat.ts';
export type { EpisodeRecord } from './history.ts';
export type { CorrelationRule } from './incidents/correlation-rule.ts';
export { type Incident, type IncidentMember, incidentStatus } from './incidents/incident.ts';
export type { IncidentFigures } from './incidents/incident-book.ts';
export type { RulePreview } from './incidents/preview-rule.ts';
export { readCorrelation } from './incidents/read-correlation.ts';
export type { SuspectedCause } from './incidents/root-causes.ts';
export { describeCondition, expressionOf } from './kinds/registry.ts';
export type { MaintenanceForm } from './maintenance/maintenance-book.ts';
export { type MaintenanceWindow, occurrencesFrom } from './maintenance/maintenance-window.ts';
export { templateError } from './notices/annotations.ts';
export { OnCallBook } from './on-call/on-call-book.ts';
export type { OnCallOverride, OnCallSchedule, OnCallShift } from './on-call/schedule.ts';
export { compileMatchers, formatMatchers, valueTest } from './routing/label-matchers.ts';
export { parseMatchers } from './routing/parse-matchers.ts';
export { readRuleFiles } from './rule-files/configured-rules.ts';
export { alertStateOf } from './rule-groups/alert-series.ts';
export type { LiveGroup, LiveGroupRule } from './rule-groups/live-group.ts';
export { runRuleTestFile } from './rule-tests/run-rule-test-file.ts';
export { type AlertForm, FORM_DEFAULTS } from './rules/alert-rule.ts';
export { checkForm } from './rules/check-form.ts';
export type { AlertPatch } from './rules/merge-form.ts';
export type { SelfFinding } from './self-monitor/self-monitor.ts';
export { type Silence, silenceState } from './silences/silence.ts';
export { matcherIssues, type SilenceForm } from './silences/silence-book.ts';
