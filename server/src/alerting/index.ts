export { Alerting } from './alerting.ts';
export { type Instance, type LiveRule, ruleState, serviceOf, shownLabels } from './evaluation/live-rule.ts';
export type { EpisodeRecord } from './history.ts';
export { templateError } from './notices/annotations.ts';
export type { AlertForm } from './rules/alert-rule.ts';
export type { AlertPatch } from './rules/merge-form.ts';
