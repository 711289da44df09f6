import { closeNames } from '../../lib/close-names.ts';
import { createLiquid } from './liquid.ts';
import type { Template, TemplateTexts } from './template.ts';

/** A mistake in a template, or what may be one. Lines and columns count from 1. */
export interface LintFinding {
  readonly level: 'error' | 'warning';
  /** `message`, `variants[1].subject`: the field as the API names it. */
  readonly field: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Variables that every template has. */
const COMMON = ['type', 'severity', 'subject', 'message'];
/** Those of alerts, see `alerting/notices/alert-facts.ts` and the groups of `alerting/grouping`. */
const OF_ALERTS = [
  ...['alert_id', 'alert_name', 'alert_url', 'annotations', 'cause', 'description', 'duration', 'duration_seconds'],
  ...[
    'ended_at',
    'episode_id',
    'escalation',
    'incident',
    'fired_at',
    'firing_count',
    'labels',
    'lines',
    'more_count',
    'next_reminder_at',
    'operator',
    'query',
  ],
  ...['reason', 'resolve_reason', 'resolved_count', 'runbook_url', 'service', 'started_at', 'state', 'summary'],
  ...['threshold', 'value'],
];

const FIELDS: readonly (readonly [keyof TemplateTexts, string])[] = [
  ['subject', 'subject'],
  ['message', 'message'],
  ['mailSubject', 'mail_subject'],
  ['shortText', 'short_text'],
];

/**
 * What is wrong with a template: texts that cannot be read (errors, as are unknown tags and filters), and variables
 * that nobody gives: errors where the template says what there is, else warnings.
 */
export function lintTemplate(template: Template): LintFinding[] {
  const liquid = createLiquid();
  const known = knownVariables(template);
  const level = template.variables ? 'error' : 'warning';
  const findings: LintFinding[] = [];
  for (const { field, source } of textsOf(template)) {
    try {
      const globals = liquid.analyzeSync(liquid.parse(source)).globals;
      for (const [name, uses] of Object.entries(globals)) {
        if (!known || known.includes(name)) continue;
        const { row, col } = uses[0]!.location;
        const close = closeNames(name, known);
        const hint = close.length > 0 ? `; did you mean ${close.join(' or ')}?` : '';
        findings.push({ level, field, line: row, column: col, message: `unknown variable "${name}"${hint}` });
      }
    } catch (error) {
      findings.push({ level: 'error', field, ...positionOf(error), message: reasonOf(error) });
    }
  }
  return findings;
}

/** `undefined`: nobody knows. */
function knownVariables(template: Template): string[] | undefined {
  const aboutAlerts = template.types.length > 0 && template.types.every((type) => /^alert(\.|$)/.test(type));
  if (!template.variables && !aboutAlerts) return undefined;
  return [...COMMON, 'event', ...Object.keys(template.variables ?? {}), ...(aboutAlerts ? OF_ALERTS : [])];
}

function* textsOf(template: Template): Generator<{ field: string; source: string }> {
  for (const [key, field] of FIELDS) if (template[key] !== undefined) yield { field, source: template[key] };
  for (const [index, variant] of (template.variants ?? []).entries()) {
    for (const [key, field] of FIELDS) {
      if (variant[key] !== undefined) yield { field: `variants[${index}].${field}`, source: variant[key] };
    }
  }
  for (const [index, { value }] of (template.facts ?? []).entries()) {
    yield { field: `facts[${index}].value`, source: value };
  }
  for (const [index, { label, url }] of (template.links ?? []).entries()) {
    yield { field: `links[${index}].label`, source: label };
    yield { field: `links[${index}].url`, source: url };
  }
}

/** Errors of Liquid hold the token that they are about. */
function positionOf(error: unknown): { line: number; column: number } {
  const token = (error as { token?: { getPosition?: () => [number, number] } }).token;
  const [line, column] = token?.getPosition?.() ?? [1, 1];
  return { line, column };
}

function reasonOf(error: unknown): string {
  return (error as Error).message.split('\n', 1)[0]!.replace(/, line:\d+, col:\d+$/, '');
}
