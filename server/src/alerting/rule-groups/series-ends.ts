import { type Labels, labelsKey } from '../../model/labels.ts';

/** What each rule of a group made the last time, so that what it makes no more can be ended. */
export class SeriesEnds {
  readonly #made: Map<string, Labels>[] = [];

  /** Takes what the rule at this place of the group makes now; answers the series that it makes no more. */
  replace(place: number, made: readonly { readonly labels: Labels }[]): Labels[] {
    const now = new Map(made.map(({ labels }) => [labelsKey(labels), labels]));
    const before = this.#made[place] ?? new Map<string, Labels>();
    this.#made[place] = now;
    return [...before].filter(([key]) => !now.has(key)).map(([, labels]) => labels);
  }

  /** All that the group has made: what ends with it. */
  all(): Labels[] {
    return this.#made.flatMap((made) => [...(made?.values() ?? [])]);
  }
}
