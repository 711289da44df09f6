/** How many cases a property is tried on: `usual`, times `PROPERTY_RUNS` for a long look. */
export function propertyRuns(usual: number): number {
  return usual * Number(process.env.PROPERTY_RUNS ?? 1);
}
