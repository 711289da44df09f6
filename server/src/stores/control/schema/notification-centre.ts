/** Tables of templates, events and topics. Times are Unix milliseconds. */
export interface NotificationCentreTables {
  notification_template_versions: NotificationTemplateVersionsTable;
}

export interface NotificationTemplateVersionsTable {
  template_id: string;
  /** Counts up by one from 1. */
  version: number;
  /** JSON; null: deleted with this version. */
  body: string | null;
  saved_at: number;
  saved_by: string;
}
