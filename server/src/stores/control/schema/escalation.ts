/** Tables of escalation. Times are Unix milliseconds. */
export interface EscalationTables {
  escalation_policies: EscalationPoliciesTable;
  escalations: EscalationsTable;
}

export interface EscalationPoliciesTable {
  id: string;
  name: string;
  /** JSON: steps, repetitions, fallback. */
  definition: string;
  created_at: number;
  updated_at: number;
}

/** Where a policy stands with one group of alerts, from the first notification about it until all of it is over. */
export interface EscalationsTable {
  /** The episode under which the group's notifications run. */
  thread_id: string;
  policy_id: string;
  /** JSON: the policy as it was when the escalation began. */
  policy: string;
  /** `waiting`, `acknowledged`, `exhausted`, `closed`. */
  state: string;
  /** The step that is next, from 0; as many as there are steps: the last one has its time. */
  step: number;
  /** How often the steps were begun anew. */
  loop: number;
  /** The step that ran last. */
  last_step: number | null;
  last_loop: number;
  /** When the next step fell or falls due. */
  due_at: number;
  /** When to look at it again; null: when something happens. */
  next_at: number | null;
  /** Counts what was sent. */
  sequence: number;
  /** What suppresses all of the group's alerts; empty: nothing does. */
  held_by: string;
  started_at: number;
  updated_at: number;
}
