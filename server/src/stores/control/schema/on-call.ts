/** Tables of on-call schedules. Times are Unix milliseconds. */
export interface OnCallTables {
  on_call_schedules: OnCallSchedulesTable;
  on_call_overrides: OnCallOverridesTable;
}

export interface OnCallSchedulesTable {
  id: string;
  name: string;
  description: string;
  time_zone: string;
  /** JSON: the rotations, the lowest first. */
  layers: string;
  created_at: number;
  updated_at: number;
}

/** Somebody stands in: above all layers. */
export interface OnCallOverridesTable {
  id: string;
  schedule_id: string;
  user_id: string;
  starts_at: number;
  ends_at: number;
  created_by: string;
  created_at: number;
}
