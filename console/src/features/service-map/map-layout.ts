import type { ServiceMap } from '../../api-client/types.ts';

type Edge = Pick<ServiceMap['edges'][number], 'source' | 'target'>;

/** Where a node stands: its column from callers to callees, and its place in the column, both from 0. */
export interface MapPlace {
  column: number;
  row: number;
}

const SWEEPS = 4;

/**
 * Layers by who calls whom: a node stands right of all its callers (calls that close a circle do not count), and in
 * its column near those it is connected with. The same input always gives the same picture.
 */
export function layOut(ids: readonly string[], edges: readonly Edge[]): Map<string, MapPlace> {
  const known = new Set(ids);
  const calls = edges.filter(({ source, target }) => known.has(source) && known.has(target) && source !== target);
  const columnOf = rank([...ids].sort(), calls);
  const columns: string[][] = [];
  for (const id of [...ids].sort()) {
    const column = columnOf.get(id)!;
    columns[column] ??= [];
    columns[column].push(id);
  }
  untangle(columns, calls);
  return new Map(columns.flatMap((names, column) => names.map((id, row) => [id, { column, row }] as const)));
}

/** The longest way from a node that nobody calls. */
function rank(ids: readonly string[], edges: readonly Edge[]): Map<string, number> {
  const callees = new Map<string, string[]>();
  for (const { source, target } of edges) callees.set(source, [...(callees.get(source) ?? []), target].sort());
  const called = new Set(edges.map(({ target }) => target));
  const columns = new Map(ids.map((id) => [id, 0]));
  const onTheWay = new Set<string>();
  const finished: string[] = [];
  const seen = new Set<string>();
  const forward = new Map<string, string[]>();
  const visit = (id: string) => {
    seen.add(id);
    onTheWay.add(id);
    for (const next of callees.get(id) ?? []) {
      if (onTheWay.has(next)) continue;
      forward.set(id, [...(forward.get(id) ?? []), next]);
      if (!seen.has(next)) visit(next);
    }
    onTheWay.delete(id);
    finished.push(id);
  };
  // Those that nobody calls first, so that a circle is cut where it is entered.
  for (const id of [...ids.filter((one) => !called.has(one)), ...ids]) if (!seen.has(id)) visit(id);
  for (const id of finished.reverse()) {
    for (const next of forward.get(id) ?? []) columns.set(next, Math.max(columns.get(next)!, columns.get(id)! + 1));
  }
  return columns;
}

/** Orders each column by the mean place of the neighbours, from left to right and back. */
function untangle(columns: string[][], edges: readonly Edge[]): void {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 0;
    const order = columns.map((_, index) => (forward ? index : columns.length - 1 - index));
    for (const column of order) {
      const place = new Map(
        columns.flatMap((names) => names.map((id, row) => [id, (row + 0.5) / names.length] as const)),
      );
      const wish = new Map(columns[column]!.map((id) => [id, wishOf(id, edges, place, forward)]));
      columns[column]!.sort((a, b) => wish.get(a)! - wish.get(b)! || a.localeCompare(b));
    }
  }
}

function wishOf(id: string, edges: readonly Edge[], place: ReadonlyMap<string, number>, forward: boolean): number {
  const neighbours = edges.flatMap(({ source, target }) =>
    forward ? (target === id ? [place.get(source)!] : []) : source === id ? [place.get(target)!] : [],
  );
  if (neighbours.length === 0) return place.get(id)!;
  return neighbours.reduce((sum, one) => sum + one, 0) / neighbours.length;
}
