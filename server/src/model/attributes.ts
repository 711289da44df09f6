/**
 * OpenTelemetry attributes as their readers have them: every value as text, as the ecosystem's ClickHouse tables hold
 * them. Numbers and booleans in their JSON form, arrays and maps as JSON text, bytes as base64. On the way to the store
 * they are `PackedAttributes`.
 */
export type Attributes = Readonly<Record<string, string>>;
