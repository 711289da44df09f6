import { type Issue, invalid } from '../../model/errors.ts';

const BASE64 = '@base64';
const LABEL = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * The grouping labels of a path like `job/backup/instance/a` (decoded): label, value, label, value, ... A label with
 * the ending `@base64` has its value in base64url, which may then hold slashes; `=` stands for an empty one.
 */
export function readGrouping(segments: readonly string[]): Record<string, string> {
  if (segments.length % 2 !== 0)
    throw invalid({ path: 'labels', message: `the label ${segments.at(-1)} has no value` });
  const issues: Issue[] = [];
  const labels: Record<string, string> = {};
  for (let index = 0; index < segments.length; index += 2) {
    const encoded = segments[index]!.endsWith(BASE64);
    const name = encoded ? segments[index]!.slice(0, -BASE64.length) : segments[index]!;
    if (!LABEL.test(name)) issues.push({ path: 'labels', message: `"${name}" is no label name` });
    else if (Object.hasOwn(labels, name)) issues.push({ path: 'labels', message: `the label ${name} is there twice` });
    else
      labels[name] = encoded ? Buffer.from(segments[index + 1]!, 'base64url').toString('utf8') : segments[index + 1]!;
  }
  if (!labels.job) issues.push({ path: 'job', message: 'cannot be empty' });
  if (issues.length > 0) throw invalid(...issues);
  return labels;
}
