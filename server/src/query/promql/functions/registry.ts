import type { FunctionImplementation } from '../evaluation/evaluator-contract.ts';
import { ABSENCE } from './absence.ts';
import { CONVERSIONS } from './conversions.ts';
import { HISTOGRAMS } from './histograms.ts';
import { INFO } from './info.ts';
import { LABELS } from './labels.ts';
import { MATH } from './math.ts';
import { OVER_TIME } from './over-time.ts';
import { RATES } from './rates.ts';
import { SORTING } from './sorting.ts';
import { TIME } from './time.ts';
import { TRENDS } from './trends.ts';

/** All functions by name, as `syntax/signatures.ts` lists them. */
export const FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map(
  [ABSENCE, CONVERSIONS, HISTOGRAMS, INFO, LABELS, MATH, OVER_TIME, RATES, SORTING, TIME, TRENDS].flatMap((family) =>
    Object.entries(family),
  ),
);
