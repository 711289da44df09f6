/** Why a scrape failed, in words for the page of targets. Holds no secrets. */
export class ScrapeError extends Error {
  override readonly name = 'ScrapeError';
}
