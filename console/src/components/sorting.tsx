import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import classes from './sorting.module.css';
import table from './table.module.css';

type Value = number | string | null | undefined;

/** How rows are sorted, as an address holds it: the name of a column, `-` before it for the largest first. */
export interface Sorting {
  readonly column: string;
  readonly descending: boolean;
}

export function readSorting(text: string | undefined): Sorting | undefined {
  if (text === undefined || text === '') return undefined;
  return text.startsWith('-') ? { column: text.slice(1), descending: true } : { column: text, descending: false };
}

/** Rows by a column; those without a value stand last either way, equals as they came. */
export function sortRows<Row>(
  rows: readonly Row[],
  sorting: Sorting | undefined,
  columns: Readonly<Record<string, (row: Row) => Value>>,
): Row[] {
  const value = sorting && columns[sorting.column];
  if (!value) return [...rows];
  const sign = sorting.descending ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [value(one) ?? null, value(other) ?? null];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * (typeof a === 'string' ? a.localeCompare(String(b)) : a - Number(b));
  });
}

interface SortableHeadingProps {
  label: string;
  column: string;
  sorting: Sorting | undefined;
  /** Called with what the address is to hold. */
  onSort: (text: string | undefined) => void;
  className?: string | undefined;
}

/** The heading of a column that rows can be sorted by: largest first, smallest first, as they came. */
export function SortableHeading({ label, column, sorting, onSort, className }: SortableHeadingProps) {
  const mine = sorting?.column === column ? sorting : undefined;
  const next = mine === undefined ? `-${column}` : mine.descending ? column : undefined;
  const Icon = mine?.descending === false ? IconArrowUp : IconArrowDown;
  return (
    <th
      scope="col"
      className={className}
      aria-sort={mine === undefined ? 'none' : mine.descending ? 'descending' : 'ascending'}
    >
      <button
        type="button"
        className={classes.heading}
        data-sorted={mine !== undefined}
        data-number={className?.includes(table.number!) ?? false}
        onClick={() => onSort(next)}
      >
        {label}
        <Icon size={12} aria-hidden="true" />
      </button>
    </th>
  );
}
