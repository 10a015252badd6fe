import { createHash } from 'node:crypto';
import { AppError } from '../errors/app-error.ts';
import type { PageQuery, Pagination } from './paging.ts';

/** The lists that are paged: a cursor of one is invalid for another. */
export type List =
  | 'api-keys'
  | 'contacts'
  | 'deliveries'
  | 'groups'
  | 'sessions'
  | 'users'
  | 'webhooks'
  | 'workers';

const CHECK_BYTES = 6;

// The checksum guards against mistakes, not forgery: a position reveals nothing that the list does not.
const checkOf = (list: List, position: string) =>
  createHash('sha256').update(`${list}\n${position}`).digest().subarray(0, CHECK_BYTES);

/** Encodes where a list continues; callers must not rely on its content. */
export function toCursor(list: List, position: string): string {
  return Buffer.concat([checkOf(list, position), Buffer.from(position)]).toString('base64url');
}

/**
 * @throws AppError VALIDATION_ERROR for text that is not a cursor of this list, which would end the list
 * early and unnoticed
 */
export function fromCursor(list: List, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const bytes = Buffer.from(cursor, 'base64url');
  const position = bytes.subarray(CHECK_BYTES).toString('utf8');
  if (toCursor(list, position) === cursor) return position;
  const message = 'use the cursor of the last answer as it is, or none to begin anew';
  const details = [{ path: 'cursor', message }];
  throw new AppError('VALIDATION_ERROR', `Check "cursor" in the query: ${message}.`, { details });
}

/** The pagination part of an answer; `next` is the position of the next page. */
export function paginationOf(list: List, { limit }: PageQuery, next: string | undefined): Pagination {
  return { limit, cursor: next === undefined ? null : toCursor(list, next), hasMore: next !== undefined };
}

/** Cuts the first page from `rows`, which start after the cursor and are sorted by position. */
export function takePage<Row>(
  list: List,
  query: PageQuery,
  rows: readonly Row[],
  positionOf: (row: Row) => string,
): { page: Row[]; pagination: Pagination } {
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  const next = rows.length > query.limit && last !== undefined ? positionOf(last) : undefined;
  return { page, pagination: paginationOf(list, query, next) };
}
