import type { z } from 'zod';
import { parseJson, toIssues } from '../../http/index.ts';
import { type Issue, ServiceError } from '../../model/errors.ts';

const MOST_ISSUES = 100;
const MOST_ITEMS = 200_000;

/** Items of a body: one JSON object or an array of them. `single` tells which, for the paths of mistakes. */
export interface BodyItems {
  readonly values: readonly unknown[];
  readonly single: boolean;
}

export function readJsonItems(body: unknown): BodyItems {
  const value = parseJson(body);
  return Array.isArray(value) ? checked({ values: value, single: false }) : { values: [value], single: true };
}

function checked(items: BodyItems): BodyItems {
  if (items.values.length > MOST_ITEMS) {
    throw new ServiceError('too_large', `${items.values.length} items in one request; send at most ${MOST_ITEMS}`);
  }
  return items;
}

interface Validated<Item> {
  readonly valid: readonly Item[];
  /** The first mistakes, each wrong field by the index of its item. */
  readonly issues: readonly Issue[];
  /** Items that have a mistake. */
  readonly wrong: number;
}

/** All items by the schema. */
export function validateItems<Schema extends z.ZodObject>(
  items: BodyItems,
  schema: Schema,
): Validated<z.output<Schema>> {
  const known = Object.keys(schema.shape);
  const issues: Issue[] = [];
  const valid: z.output<Schema>[] = [];
  for (const [index, value] of items.values.entries()) {
    const parsed = schema.safeParse(value);
    if (parsed.success) valid.push(parsed.data);
    else if (issues.length < MOST_ISSUES) {
      issues.push(...toIssues(parsed.error, known).map((issue) => ({ ...issue, path: pathOf(index, issue, items) })));
    }
  }
  return { valid, issues: issues.slice(0, MOST_ISSUES), wrong: items.values.length - valid.length };
}

function pathOf(index: number, issue: Issue, { single }: BodyItems): string {
  if (single) return issue.path;
  return issue.path === 'body' ? `[${index}]` : `[${index}].${issue.path}`;
}
