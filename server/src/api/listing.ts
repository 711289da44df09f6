import { createHash } from 'node:crypto';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../lib/cursor.ts';
import { invalid } from '../model/errors.ts';
import type { TimeRange } from '../model/time-range.ts';
import { resolveWindow } from './window.ts';

/** A listing over a window of time, as one request wants to see it. */
export interface Listing<Position> {
  readonly range: TimeRange;
  /** Where this page begins; left out on the first one. */
  readonly after?: Position;
  /** `next_cursor` of a page that ends at this position. */
  cursorAt(position: Position | undefined): string | null;
}

export interface ListingParameters {
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly limit?: number;
  readonly cursor?: string | undefined;
  readonly [name: string]: unknown;
}

/**
 * What the parameters of a request ask for. A cursor carries the window of its first page, so that `now` stands still
 * from page to page, and belongs to the parameters that it was made for: with others (but for `limit`) it is refused.
 */
export function openListing<Position>(
  { cursor, limit: _limit, ...parameters }: ListingParameters,
  position: z.ZodType<Position>,
  now: number,
): Listing<Position> {
  const listing = createHash('sha256').update(canonical(parameters)).digest('base64url').slice(0, 12);
  const opened = cursor === undefined ? undefined : readCursor(cursor, position);
  if (opened && opened.listing !== listing) {
    throw invalid({
      path: 'cursor',
      message: 'belongs to a request with other parameters; leave it out to begin anew',
    });
  }
  const range = opened ? { start: opened.window[0], end: opened.window[1] } : resolveWindow(parameters, now);
  return {
    range,
    ...(opened && { after: opened.after }),
    cursorAt: (after) =>
      after === undefined ? null : encodeCursor({ listing, window: [range.start, range.end], after }),
  };
}

function canonical(parameters: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function readCursor<Position>(cursor: string, position: z.ZodType<Position>) {
  const shape = z.object({ listing: z.string(), window: z.tuple([z.number(), z.number()]), after: position });
  const parsed = shape.safeParse(decodeCursor(cursor));
  if (!parsed.success) throw invalid({ path: 'cursor', message: 'is not a next_cursor of this listing' });
  return parsed.data;
}
