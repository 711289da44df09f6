import { compareSeverity, type Severity } from '../../model/severity.ts';
import { nextOpening } from '../on-call/layer-shifts.ts';
import type { EscalationPolicy, EscalationStep } from './policy.ts';

/** Where an escalation stands: the step that is next, and when. */
export interface Position {
  /** From 0; as many as there are steps: the last one still has its time. */
  readonly step: number;
  readonly loop: number;
  /** Unix milliseconds. */
  readonly dueAt: number;
}

/** A step that is not run, and why. */
export interface SkippedStep {
  readonly step: number;
  readonly loop: number;
  readonly why: 'overdue' | 'severity' | 'count';
}

export interface Facts {
  readonly severity: Severity;
  /** How often the alert has fired within the last so many milliseconds. */
  readonly count: (withinMs: number) => number;
}

export type Move =
  | { readonly kind: 'run'; readonly run: Position; readonly next: Position; readonly skipped: readonly SkippedStep[] }
  | {
      readonly kind: 'wait';
      readonly next: Position;
      readonly why: 'not_due' | 'window' | 'count';
      /** When to look again: at the latest when the step is due. */
      readonly lookAt: number;
      readonly skipped: readonly SkippedStep[];
    }
  | { readonly kind: 'end'; readonly skipped: readonly SkippedStep[] };

/** A run that is later than this has been waiting for us: those who are told get the whole delay from now on. */
const LATE_MS = 5000;
const COUNT_AGAIN_MS = 15_000;

/**
 * What an escalation does now. Of several steps that have fallen due, as after a downtime, the latest runs and the
 * others are passed over; hours that are closed postpone a step and drop none.
 */
export function nextMove(policy: EscalationPolicy, from: Position, facts: Facts, now: number): Move {
  const { steps } = policy;
  const skipped: SkippedStep[] = [];
  let chosen: Position | undefined;
  let next = from;
  for (;;) {
    if (next.step >= steps.length) {
      if (next.dueAt > now) break;
      if (next.loop >= policy.repeat)
        return chosen ? runOf(policy, chosen, next, skipped, now) : { kind: 'end', skipped };
      next = { ...next, step: 0, loop: next.loop + 1 };
      continue;
    }
    if (next.dueAt > now) break;
    const step = steps[next.step]!;
    const verdict = judge(step, next, facts, now);
    if (verdict.kind === 'skip') {
      skipped.push({ step: next.step, loop: next.loop, why: verdict.why });
      next = { ...next, step: next.step + 1 };
    } else if (verdict.kind === 'wait') {
      if (chosen) break;
      const { why, lookAt } = verdict;
      return { kind: 'wait', next: why === 'window' ? { ...next, dueAt: lookAt } : next, why, lookAt, skipped };
    } else {
      if (chosen) skipped.push({ step: chosen.step, loop: chosen.loop, why: 'overdue' });
      chosen = next;
      next = { ...next, step: next.step + 1, dueAt: next.dueAt + step.delayMs };
    }
  }
  if (chosen) return runOf(policy, chosen, next, skipped, now);
  return { kind: 'wait', next, why: 'not_due', lookAt: next.dueAt, skipped };
}

function runOf(policy: EscalationPolicy, run: Position, next: Position, skipped: SkippedStep[], now: number): Move {
  const { delayMs } = policy.steps[run.step]!;
  const isLate = now - run.dueAt > LATE_MS;
  return { kind: 'run', run, next: isLate ? { ...next, dueAt: Math.max(next.dueAt, now + delayMs) } : next, skipped };
}

type Verdict =
  | { readonly kind: 'run' }
  | { readonly kind: 'skip'; readonly why: 'severity' | 'count' }
  | { readonly kind: 'wait'; readonly why: 'window' | 'count'; readonly lookAt: number };

function judge({ conditions, delayMs }: EscalationStep, { dueAt }: Position, facts: Facts, now: number): Verdict {
  const { minSeverity, hours, timeZone, count } = conditions;
  if (minSeverity !== null && compareSeverity(facts.severity, minSeverity) < 0)
    return { kind: 'skip', why: 'severity' };
  const opening = hours.length === 0 ? now : nextOpening(hours, timeZone, now);
  if (opening > now) return { kind: 'wait', why: 'window', lookAt: opening };
  if (count === null || facts.count(count.withinMs) >= count.atLeast) return { kind: 'run' };
  if (now >= dueAt + delayMs) return { kind: 'skip', why: 'count' };
  return { kind: 'wait', why: 'count', lookAt: Math.min(now + COUNT_AGAIN_MS, dueAt + delayMs) };
}
