import { invalid } from '../../model/errors.ts';
import type { AlertForm, AlertRule } from './alert-rule.ts';
import { type PreparedRule, prepareRule } from './prepare-rule.ts';

/** The fields that a change names. */
export type AlertPatch = { readonly [Field in keyof AlertForm]?: AlertForm[Field] | undefined };

/** The rule with the patch's fields in place of its own, worked out anew. Throws 422 where they do not fit together. */
export function mergeForm(rule: AlertRule, patch: AlertPatch): PreparedRule {
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as AlertPatch;
  if (rule.condition.kind === 'external') return mergeExternal(rule, given);
  if (rule.origin) return mergeFromFile(rule, given, rule.origin.file);
  const prepared = prepareRule({ ...formOf(rule), ...replaced(given), ...(given as AlertForm) }, rule.inferredFrom);
  const wasManual = rule.condition.kind === 'manual';
  if (wasManual === (prepared.condition.kind === 'manual')) return prepared;
  const message = wasManual ? 'a manual alert cannot be given a condition' : 'the condition cannot be taken away';
  throw invalid({ path: 'threshold', message: `${message}: make a new alert` });
}

/** Of alerts that others raise, only how they are told of, and whether, is ours to say. */
function mergeExternal(rule: AlertRule, given: AlertPatch): PreparedRule {
  const ours = ['name', 'description', 'notify', 'enabled', 'annotations'];
  const issues = Object.keys(given)
    .filter(
      (field) =>
        !ours.includes(field) &&
        JSON.stringify(given[field as keyof AlertForm]) !== JSON.stringify(rule[field as keyof AlertForm]),
    )
    .map((field) => ({
      path: field,
      message: 'another program raises this alert: only description, notify and enabled can be changed',
    }));
  if (given.name !== undefined && given.name !== rule.name)
    issues.push({ path: 'name', message: 'is the alertname of the other program' });
  if (issues.length > 0) throw invalid(...issues);
  return { ...rule, ...(given as Partial<AlertForm>) };
}

/** What a rule file says is changed there. */
function mergeFromFile(rule: AlertRule, given: AlertPatch, file: string): PreparedRule {
  const issues = Object.keys(given)
    .filter((field) => !['notify', 'enabled'].includes(field))
    .filter(
      (field) =>
        JSON.stringify(given[field as keyof AlertForm]) !== JSON.stringify(rule[field as keyof AlertForm] ?? null),
    )
    .map((field) => ({
      path: field,
      message: `the rule file ${file} sets it: change it there; here only notify and enabled can be changed`,
    }));
  if (issues.length > 0) throw invalid(...issues);
  return { ...rule, ...(given as Partial<AlertForm>) };
}

/** The form that the rule was made of: a query that we worked out was not part of it. */
function formOf(rule: AlertRule): AlertForm {
  const {
    id: _,
    version: __,
    condition: ___,
    inferredFrom,
    createdAt: ____,
    updatedAt: _____,
    origin: ______,
    ...form
  } = rule;
  return { ...form, query: inferredFrom !== null || form.metric !== null ? null : form.query };
}

/** Fields that stand for one another: giving the one takes the other's place. */
function replaced(given: AlertPatch): AlertPatch {
  return {
    ...(given.query && { metric: null }),
    ...(given.metric && { query: null }),
    ...(typeof given.threshold === 'number' && { thresholds: null }),
    ...(given.thresholds && { threshold: null }),
  };
}

/** True where what is watched has changed, so that the old label sets mean nothing any more. */
export function watchesOtherThings(before: AlertRule, after: PreparedRule): boolean {
  return (
    before.condition.kind !== after.condition.kind ||
    before.query !== after.query ||
    JSON.stringify(before.groupBy) !== JSON.stringify(after.groupBy)
  );
}
