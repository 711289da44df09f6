const NO_TRACE = '0'.repeat(32);
export const NO_SPAN = '0'.repeat(16);

/** True for 32 hex digits (checked elsewhere to be hex) that are not all zero. */
export function isTraceId(id: string): boolean {
  return id.length === 32 && id !== NO_TRACE;
}

/** True for 16 hex digits (checked elsewhere to be hex) that are not all zero. */
export function isSpanId(id: string): boolean {
  return id.length === 16 && id !== NO_SPAN;
}
