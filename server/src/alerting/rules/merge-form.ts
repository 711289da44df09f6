import { isDeepStrictEqual } from 'node:util';
import { invalid } from '../../model/errors.ts';
import { kindOf } from '../kinds/registry.ts';
import type { AlertDirectory } from '../kinds/rule-kind.ts';
import type { AlertForm, AlertRule } from './alert-rule.ts';
import { type PreparedRule, prepareRule } from './prepare-rule.ts';

/** The fields that a change names. */
export type AlertPatch = { readonly [Field in keyof AlertForm]?: AlertForm[Field] | undefined };

/** The rule with the patch's fields in place of its own, worked out anew. Throws 422 where they do not fit together. */
export function mergeForm(rule: AlertRule, patch: AlertPatch, directory?: AlertDirectory): PreparedRule {
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as AlertPatch;
  const { raisedBy } = kindOf(rule.condition);
  if (raisedBy === 'sender') return mergeExternal(rule, given);
  if (rule.origin) return mergeFromFile(rule, given, `the rule file ${rule.origin.file}`, ['notify', 'enabled']);
  if (rule.provisioned) return mergeFromFile(rule, given, 'the configuration file', ['enabled']);
  const form = { ...formOf(rule), ...replaced(given, rule), ...(given as AlertForm) };
  const context = { knownFigure: rule.inferredFrom, ...(directory && { directory }) };
  const prepared = prepareRule(form, context);
  const wasManual = raisedBy === 'person';
  if (wasManual === (kindOf(prepared.condition).raisedBy === 'person')) return prepared;
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

/** What a file says is changed there; `ours` is what can be changed here. */
function mergeFromFile(
  rule: AlertRule,
  given: AlertPatch,
  file: string,
  ours: readonly (keyof AlertForm)[],
): PreparedRule {
  const issues = Object.keys(given)
    .filter((field) => !(ours as readonly string[]).includes(field))
    .filter(
      (field) =>
        JSON.stringify(given[field as keyof AlertForm]) !== JSON.stringify(rule[field as keyof AlertForm] ?? null),
    )
    .map((field) => ({
      path: field,
      message: `${file} sets it: change it there; here only ${ours.join(' and ')} can be changed`,
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
    provisioned: _______,
    ...form
  } = rule;
  return { ...form, query: inferredFrom !== null || form.metric !== null ? null : form.query };
}

/** Fields that stand for one another: giving the one takes the other's place. */
function replaced(given: AlertPatch, rule: AlertRule): AlertPatch {
  const { queryLanguage } = given;
  const changesLanguage = queryLanguage !== undefined && queryLanguage !== rule.queryLanguage;
  const isOfRed = Boolean(given.red);
  return {
    // What was said in another language says nothing in this one.
    ...(changesLanguage && { metric: null, query: null, red: null, windowMs: null }),
    ...(isOfRed && { metric: null, query: null, queryLanguage: 'trace' }),
    ...(given.query && { metric: null, red: null }),
    ...(given.metric && { query: null, red: null, queryLanguage: 'promql' }),
    ...(typeof given.threshold === 'number' && { thresholds: null, absence: null }),
    ...(given.thresholds && { threshold: null, absence: null }),
    ...(given.absence && { threshold: null, thresholds: null, operator: null, recoveryThreshold: null, red: null }),
  };
}

/** True where what is watched has changed, so that the old label sets mean nothing any more. */
export function watchesOtherThings(before: AlertRule, after: PreparedRule): boolean {
  return !isDeepStrictEqual(watchedBy(before), watchedBy(after));
}

function watchedBy({ condition, groupBy }: PreparedRule) {
  return { ...condition, comparison: condition.comparison === null, groupBy };
}
