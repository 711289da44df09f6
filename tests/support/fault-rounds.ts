/** How often a fault is repeated: `npm run faults -- --rounds 50` asks for more than a test does by itself. */
export function faultRounds(usual: number): number {
  return Math.max(usual, Number(process.env.FAULT_ROUNDS ?? 0));
}
