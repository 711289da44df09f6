import type { EscalationPolicy } from '../../api-client/types.ts';

type Lint = NonNullable<EscalationPolicy['lint']>[number];

export interface LintLine {
  readonly level: Lint['level'];
  /** `step 1, fallback` */
  readonly places: string;
  readonly text: string;
}

/** What may keep a policy from reaching somebody: each thing once, with all its places and all whom it is about. */
export function lintLines(lint: readonly Lint[]): LintLine[] {
  const groups = Map.groupBy(
    lint,
    ({ level, message, user }) => `${level} ${user ? withoutUser(message, user) : message}`,
  );
  return [...groups.values()].map((group) => {
    const { level, message, user } = group[0]!;
    const users = [...new Set(group.flatMap((one) => one.user ?? []))];
    const places = [...new Set(group.map(({ path }) => placeOf(path)))].join(', ');
    return { level, places, text: user ? users.join(', ') + withoutUser(message, user) : message };
  });
}

function withoutUser(message: string, user: string): string {
  return message.startsWith(user) ? message.slice(user.length) : message;
}

/** `steps[0].targets[1]` as people count. */
function placeOf(path: string): string {
  const [, step] = /^steps\[(\d+)\]/.exec(path) ?? [];
  return step === undefined ? 'fallback' : `step ${Number(step) + 1}`;
}
