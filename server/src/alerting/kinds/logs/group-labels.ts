import type { Labels } from '../../../model/labels.ts';

/** Values of fields as labels; fields that a record does not have are left out. */
export function groupLabels(fields: readonly string[], values: readonly string[]): Labels {
  return Object.fromEntries(fields.map((field, index) => [field, values[index] ?? '']).filter(([, value]) => value));
}
