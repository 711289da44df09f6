import type { Targets } from '../../api-client/types.ts';

type Target = Targets['activeTargets'][number];

const RANKS: Record<Target['health'], number> = { down: 0, unknown: 1, up: 2 };

/** Targets in trouble first, then by their address. */
export function byTrouble(targets: readonly Target[]): Target[] {
  return [...targets].sort(
    (a, b) => RANKS[a.health] - RANKS[b.health] || a.scrapeUrl.localeCompare(b.scrapeUrl, 'en', { numeric: true }),
  );
}

/** The targets whose address or labels hold the text. */
export function matching(targets: readonly Target[], text: string): Target[] {
  const wanted = text.toLowerCase();
  return targets.filter(({ scrapeUrl, labels }) =>
    [scrapeUrl, ...Object.entries(labels).map((pair) => pair.join('='))].some((one) =>
      one.toLowerCase().includes(wanted),
    ),
  );
}
