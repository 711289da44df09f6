import { ServiceError } from '../../../model/errors.ts';
import type { UserQueryAnswer } from '../../../stores/telemetry/index.ts';
import type { Sample } from '../rule-kind.ts';

const VALUE = 'value';
const NUMBER = /^(?:LowCardinality\(|Nullable\()*(?:U?Int|Float|BFloat|Decimal)/;

/**
 * A row as a sample: the column `value`, else the only number, is its value; all other columns are labels. Throws 422
 * where no column can be the value. Rows whose value is NULL are left out.
 */
export function samplesOfRows({ columns, rows }: Pick<UserQueryAnswer, 'columns' | 'rows'>): Sample[] {
  const place = valuePlace(columns);
  return rows
    .filter((row) => row[place] !== null)
    .map((row) => ({
      labels: Object.fromEntries(
        columns
          .map(({ name }, index) => [name, index === place ? '' : textOf(row[index])] as const)
          .filter(([, text]) => text !== ''),
      ),
      value: Number(row[place]),
    }));
}

function valuePlace(columns: UserQueryAnswer['columns']): number {
  const named = columns.findIndex(({ name }) => name === VALUE);
  if (named >= 0 && NUMBER.test(columns[named]!.type)) return named;
  if (named >= 0) throw unfit(`the column value is no number but ${columns[named]!.type}`);
  const numbers = columns.flatMap(({ type }, index) => (NUMBER.test(type) ? [index] : []));
  if (numbers.length === 1) return numbers[0]!;
  const many = numbers.map((index) => columns[index]!.name).join(', ');
  throw unfit(numbers.length === 0 ? 'no column is a number' : `several columns are numbers (${many})`);
}

function unfit(what: string): ServiceError {
  return new ServiceError('invalid', `${what}: name one of the columns value`);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
