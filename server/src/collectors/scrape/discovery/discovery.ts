import type { TargetGroup } from './target-group.ts';

/** Finds targets and goes on looking. */
export interface Discovery {
  /** `onGroups` gets all groups whenever they have changed. */
  start(onGroups: (groups: readonly TargetGroup[]) => void): void;
  stop(): Promise<void>;
}
