import type { Side } from '../sides/side.ts';

/** Others used more than this share of one processor: the measurement may be repeated. */
const DISTURBED = 0.15;

/** Those of the sides that can run here; the others are named. */
export function presentSides(sides: readonly Side[]): Side[] {
  return sides.filter((side) => {
    const reason = side.missing();
    if (reason !== undefined) console.error(`left out: ${side.name}: ${reason}`);
    return reason === undefined;
  });
}

/**
 * Measures every side in every round, in the other order every second time. A measurement that others' work disturbed
 * is repeated at most `repeats` times; the least disturbed one counts.
 */
export async function interleave<Figures extends { readonly foreignWork: number }>(
  sides: readonly Side[],
  { rounds, repeats }: { readonly rounds: number; readonly repeats: number },
  measure: (side: Side, round: number) => Promise<Figures>,
): Promise<Map<Side, Figures[]>> {
  const results = new Map<Side, Figures[]>(sides.map((side) => [side, []]));
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      console.error(`round ${round + 1} of ${rounds}: ${side.name}`);
      let figures = await measure(side, round);
      for (let repeat = 0; figures.foreignWork > DISTURBED && repeat < repeats; repeat++) {
        console.error(`  disturbed (others used ${Math.round(100 * figures.foreignWork)} % of a processor): once more`);
        const again = await measure(side, round);
        if (again.foreignWork < figures.foreignWork) figures = again;
      }
      results.get(side)!.push(figures);
    }
  }
  return results;
}
