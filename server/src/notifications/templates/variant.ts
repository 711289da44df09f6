interface Variant {
  readonly channel?: string;
  readonly locale?: string;
}

/**
 * The variant for a channel and a locale: the locale itself, its language (`de` for `de-AT`), no locale; of each the
 * one for the channel before the one for any. `undefined`: the template's own texts.
 */
export function pickVariant<V extends Variant>(
  variants: readonly V[],
  channel: string,
  locale: string | null,
): V | undefined {
  const wanted = locale?.toLowerCase();
  const locales = wanted === undefined ? [undefined] : [wanted, wanted.split('-', 1)[0], undefined];
  for (const candidate of locales) {
    const same = variants.filter((variant) => variant.locale?.toLowerCase() === candidate);
    const found = same.find((variant) => variant.channel === channel) ?? same.find(({ channel: any }) => !any);
    if (found) return found;
  }
  return undefined;
}
