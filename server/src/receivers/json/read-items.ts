import type { z } from 'zod';
import { parseJson, toIssues } from '../../http/index.ts';
import { type Issue, invalid, ServiceError } from '../../model/errors.ts';

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

/** All items by the schema; throws `invalid` naming each wrong field by the index of its item. */
export function validateItems<Schema extends z.ZodObject>(items: BodyItems, schema: Schema): z.output<Schema>[] {
  const known = Object.keys(schema.shape);
  const issues: Issue[] = [];
  const output: z.output<Schema>[] = [];
  for (const [index, value] of items.values.entries()) {
    const parsed = schema.safeParse(value);
    if (parsed.success) output.push(parsed.data);
    else
      issues.push(...toIssues(parsed.error, known).map((issue) => ({ ...issue, path: pathOf(index, issue, items) })));
    if (issues.length >= MOST_ISSUES) break;
  }
  if (issues.length > 0) throw invalid(...issues.slice(0, MOST_ISSUES));
  return output;
}

function pathOf(index: number, issue: Issue, { single }: BodyItems): string {
  if (single) return issue.path;
  return issue.path === 'body' ? `[${index}]` : `[${index}].${issue.path}`;
}
