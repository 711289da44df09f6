import fc from 'fast-check';
import { expect, it } from 'vitest';
import { propertyRuns } from '../../../../tests/support/property-runs.ts';
import type { InstanceState } from './instance-state.ts';
import { type Observation, step } from './step.ts';

/** B breach, = between the thresholds, - clear, ? missing, ! failed query, X closed by hand. */
type Letter = 'B' | '=' | '-' | '?' | '!' | 'X';

const OBSERVATIONS: Readonly<Record<Letter, Observation>> = {
  B: { kind: 'breaching', value: 1, severity: 'error', reason: 'condition' },
  '=': { kind: 'between', value: 0.5 },
  '-': { kind: 'clear', value: 0, reason: 'recovered' },
  '?': { kind: 'missing' },
  '!': { kind: 'error' },
  X: { kind: 'end', reason: 'resolved_by_hand', close: { until: null } },
};

interface Settings {
  readonly forTicks: number;
  readonly keepTicks: number;
  readonly tolerance: number;
}

/** The machine under test, one evaluation a tick of a second. */
function real(letters: readonly Letter[], { forTicks, keepTicks, tolerance }: Settings): string[] {
  const rule = {
    forMs: forTicks * 1000,
    keepFiringForMs: keepTicks * 1000,
    intervalMs: 1000,
    missingTolerance: tolerance,
    lowerIsWorse: false,
  };
  let state: InstanceState | undefined;
  return letters.map((letter, tick) => {
    const result = step(state, OBSERVATIONS[letter], rule, tick * 1000);
    state = result.state;
    return `${result.transition?.kind ?? '.'}>${state?.name ?? 'none'}`;
  });
}

/**
 * The same told as a person would: what the story so far amounts to is read from its text, with nothing remembered but
 * the text since the last turn of events.
 */
function model(letters: readonly Letter[], { forTicks, keepTicks, tolerance }: Settings): string[] {
  let story = '';
  let mode: 'none' | 'pending' | 'firing' | 'recovering' | 'closed' = 'none';
  /** Seconds between neighbours of the story that are both `letter`. */
  const lasted = (letter: string) => [...story].filter((c, i) => c === letter && story[i - 1] === letter).length;
  const turn = (next: typeof mode, kind: string, since = '') => {
    mode = next;
    story = since;
    return kind;
  };
  const happen = (letter: Letter): string => {
    story += letter;
    switch (mode) {
      case 'none':
        if (letter !== 'B') return turn('none', '.');
        return forTicks > 0 ? turn('pending', 'pending', 'B') : turn('firing', 'fired');
      case 'pending': {
        if ('=-X'.includes(letter)) return turn('none', 'dropped');
        const silence = /[?!]*$/.exec(story)![0].replaceAll('!', '').length;
        if (letter === '?' && silence > tolerance) return turn('none', 'dropped');
        return letter === 'B' && lasted('B') >= forTicks ? turn('firing', 'fired') : '.';
      }
      case 'firing':
        if (letter === 'X') return turn('closed', 'resolved');
        if (letter !== '-') return '.';
        return keepTicks > 0 ? turn('recovering', 'recovering', '-') : turn('none', 'resolved');
      case 'recovering':
        if (letter === 'X') return turn('closed', 'resolved');
        if (letter === 'B' || letter === '=') return turn('firing', 'refired');
        return letter === '-' && lasted('-') >= keepTicks ? turn('none', 'resolved') : '.';
      case 'closed':
        return letter === '-' || letter === 'X' ? turn('none', '.') : '.';
    }
  };
  return letters.map((letter) => `${happen(letter)}>${mode === 'closed' ? 'inactive' : mode}`);
}

const letters = fc.array(fc.constantFrom<Letter>('B', 'B', 'B', '=', '-', '-', '?', '!', 'X'), { maxLength: 60 });
const settings = fc.record({
  forTicks: fc.integer({ min: 0, max: 5 }),
  keepTicks: fc.integer({ min: 0, max: 5 }),
  tolerance: fc.integer({ min: 0, max: 3 }),
});

it('does what the plain model does', () => {
  fc.assert(
    fc.property(letters, settings, (script, chosen) => {
      expect(real(script, chosen)).toEqual(model(script, chosen));
    }),
    { numRuns: propertyRuns(3000) },
  );
});

it('opens and closes episodes in turn', () => {
  fc.assert(
    fc.property(letters, settings, (script, chosen) => {
      const turns = real(script, chosen)
        .map((entry) => entry.split('>')[0]!)
        .filter((kind) => kind === 'fired' || kind === 'resolved');
      expect(turns.every((kind, index) => kind === (index % 2 === 0 ? 'fired' : 'resolved'))).toBe(true);
    }),
  );
});
