/**
 * OpenTelemetry attributes as they are stored: every value as text, as the ecosystem's ClickHouse tables hold them.
 * Numbers and booleans in their JSON form, arrays and maps as JSON text, bytes as base64.
 */
export type Attributes = Readonly<Record<string, string>>;
