/** Tables of escalation. Times are Unix milliseconds. */
export interface EscalationTables {
  escalation_policies: EscalationPoliciesTable;
  escalations: EscalationsTable;
  escalation_alerts: EscalationAlertsTable;
}

export interface EscalationPoliciesTable {
  id: string;
  name: string;
  /** JSON: steps, repetitions, fallback. */
  definition: string;
  created_at: number;
  updated_at: number;
}

/** Where a policy stands with an incident, from the first alert of it that goes by the policy until all of these are over. */
export interface EscalationsTable {
  /** Under which what it sends runs, as the notifications of an episode do. */
  thread_id: string;
  policy_id: string;
  incident_id: string;
  /** JSON: the policy as it was when the escalation began. */
  policy: string;
  /** `waiting`, `acknowledged`, `exhausted`, `followed`, `closed`. */
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
  /** The worst for which the steps were begun. */
  severity: string;
  /** What suppresses all of its alerts; empty: nothing does. */
  held_by: string;
  started_at: number;
  updated_at: number;
}

/** Which episodes go by which policies: their routes or rules have chosen these. */
interface EscalationAlertsTable {
  policy_id: string;
  episode_id: string;
}
