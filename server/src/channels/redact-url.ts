/** A URL without what may be secret: credentials, path and query. */
export function redactUrl(text: string): string {
  try {
    const url = new URL(text);
    return `${url.protocol}//${url.host}${url.pathname === '/' && url.search === '' ? '' : '/…'}`;
  } catch {
    return 'an unreadable URL';
  }
}
