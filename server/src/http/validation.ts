import type { z } from 'zod';
import { closeNames } from '../lib/close-names.ts';
import { type Issue, ServiceError } from '../model/errors.ts';

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

/** `labels.team`, `items[3].value`: the path of an issue as people write it. */
function formatPath(path: readonly PropertyKey[], root = ''): string {
  let text = root;
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else text += text === '' ? String(key) : `.${String(key)}`;
  }
  return text;
}

/** A zod error as issues: one for each wrong place, unknown keys each by its own name. */
export function toIssues(error: z.ZodError, known: readonly string[] = []): Issue[] {
  return error.issues.flatMap(ofMeantAlternative).flatMap((issue): Issue[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const close = issue.path.length === 0 ? closeNames(key, known) : [];
        const hint = close.length > 0 ? `; did you mean ${close.join(' or ')}?` : '';
        return { path: formatPath([...issue.path, key]), message: `unknown field${hint}` };
      });
    }
    return [{ path: formatPath(issue.path) || 'body', message: lowerFirst(inPlainWords(issue.message)) }];
  });
}

/**
 * Where a value fits none of several forms, what is wrong with the one that was meant: the form whose mistakes lie
 * deepest, since it fitted so far. "Invalid input" alone helps nobody.
 */
function ofMeantAlternative(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const depth = (issues: readonly z.core.$ZodIssue[]) => Math.max(...issues.map(({ path }) => path.length));
  const meant = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0];
  if (!meant || meant.length === 0) return [issue];
  return meant.flatMap((inner) => ofMeantAlternative({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** What zod says of a value of the wrong type, or of none: its words for those are about JavaScript. */
function inPlainWords(message: string): string {
  const [, expected = '', received] = /^Invalid input: expected (\w+), received (\w+)$/.exec(message) ?? [];
  if (!received) return message;
  const needed = TYPE_NAMES[expected] ?? expected;
  return received === 'undefined'
    ? `is missing: give ${needed}`
    : `must be ${needed}, not ${TYPE_NAMES[received] ?? received}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** The keys of an object schema, or none. */
function keysOf(schema: z.ZodType): string[] {
  return 'shape' in schema ? Object.keys(schema.shape as object) : [];
}

/** Runs each schema over its part of a request and throws one error that lists everything wrong in all of them. */
export function validateParts(parts: readonly { schema: z.ZodType; value: unknown }[]): unknown[] {
  const issues: Issue[] = [];
  const outputs = parts.map(({ schema, value }) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    issues.push(...toIssues(parsed.error, keysOf(schema)));
    return undefined;
  });
  if (issues.length > 0) {
    const detail = issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ');
    throw new ServiceError('invalid', detail, { issues });
  }
  return outputs;
}
