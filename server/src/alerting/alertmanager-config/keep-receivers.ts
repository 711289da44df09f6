type Mapping = Readonly<Record<string, unknown>>;

/**
 * A configuration whose receivers stand with their names only, as `originalOf` shows them, given back where they send
 * to: what the receivers of the same names have in `before`, and its `global` for what it does not say itself. So
 * what was shown without secrets can be changed and sent again. Both are documents as YAML gives them; what is no
 * configuration stays as it is, to be refused as such.
 */
export function keepReceivers(document: unknown, before: unknown): unknown {
  if (!isMapping(document) || !isMapping(before)) return document;
  const known = new Map(mappingsOf(before.receivers).map((receiver) => [receiver.name, receiver]));
  const receivers = Array.isArray(document.receivers)
    ? document.receivers.map((receiver: unknown) =>
        isMapping(receiver) && Object.keys(receiver).length === 1 ? (known.get(receiver.name) ?? receiver) : receiver,
      )
    : document.receivers;
  const global = isMapping(before.global) ? { ...before.global, ...(document.global as object) } : document.global;
  return {
    ...document,
    ...(global !== undefined && { global }),
    ...(receivers !== undefined && { receivers }),
  };
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mappingsOf(value: unknown): Mapping[] {
  return Array.isArray(value) ? value.filter(isMapping) : [];
}
