/** Tables of annotations. Times are Unix milliseconds. */
export interface AnnotationTables {
  annotations: AnnotationsTable;
}

/** What happened at a time that charts are to show: a deploy, an event of the platform, a note. */
export interface AnnotationsTable {
  id: string;
  /** `deploy`, `event` or `note`. */
  kind: string;
  at: number;
  /** Null: a moment. */
  until: number | null;
  title: string;
  text: string;
  /** As services are named everywhere, `namespace/name` where there is one; empty: about no service in particular. */
  service: string;
  /** Empty: about every environment. */
  environment: string;
  /** Of what was deployed; null where it is not known. */
  version: string | null;
  severity: string;
  /** JSON: words. */
  tags: string;
  url: string | null;
  /** Of the event that it is made from: its `source`, and our id of it. */
  source: string | null;
  event_id: string | null;
  created_by: string;
  created_at: number;
}
