/** Tables of configured channels and of addresses that want nothing. Times are Unix milliseconds. */
export interface ChannelTables {
  notification_channels: NotificationChannelsTable;
  address_suppressions: AddressSuppressionsTable;
}

export interface NotificationChannelsTable {
  /** The word that addresses name it by. */
  id: string;
  name: string;
  kind: string;
  /** JSON: what is no secret. */
  settings: string;
  /** JSON, sealed. */
  secrets: string;
  enabled: number;
  created_at: number;
  updated_at: number;
  saved_by: string;
}

/** An address that nothing is sent to. */
export interface AddressSuppressionsTable {
  channel: string;
  address: string;
  /** Empty: of whatever type. */
  type: string;
  /** `unsubscribed`, or `bounced`. */
  reason: string;
  detail: string;
  created_at: number;
}
