/** Search parameters as plain text: no quotes round words, no numbers that lose digits. */
export function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** Reads the named parameters and drops the others. */
export function readText<Name extends string>(...names: Name[]) {
  return (search: Record<string, unknown>): { [Key in Name]?: string | undefined } => {
    const read: { [Key in Name]?: string | undefined } = {};
    for (const name of names) {
      const value = search[name];
      if (typeof value === 'string' && value !== '') read[name] = value;
    }
    return read;
  };
}

interface SearchContext<Search> {
  search: Search;
  next: (search: Search) => Search;
}

/** The time range goes along from page to page, unless a link names another. */
export function keepTimeRange<Search extends { start?: string | undefined; end?: string | undefined }>({
  search,
  next,
}: SearchContext<Search>): Search {
  return {
    ...(search.start ? { start: search.start } : {}),
    ...(search.end ? { end: search.end } : {}),
    ...next(search),
  };
}
