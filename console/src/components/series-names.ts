type Labels = Readonly<Record<string, string>>;

/**
 * Names of the series of one chart: the labels in which they differ, since what all share tells nothing. Where they
 * differ in none, the name of the metric, or `whole`.
 */
export function seriesNames(all: readonly Labels[], whole: string): string[] {
  const [first = {}, ...others] = all;
  const names = new Set(all.flatMap((labels) => Object.keys(labels)));
  const telling = [...names].filter(
    (name) => (others.length === 0 && name !== '__name__') || others.some((labels) => labels[name] !== first[name]),
  );
  return all.map((labels) => {
    const parts = telling
      .filter((name) => name !== '__name__' && labels[name] !== undefined)
      .map((name) => `${name}=${labels[name]}`);
    const metric = telling.includes('__name__') || parts.length === 0 ? [labels.__name__ ?? whole] : [];
    return [...metric, ...parts].join(', ');
  });
}
