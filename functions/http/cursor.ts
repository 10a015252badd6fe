/** Where a list goes on, as callers see it: nothing to rely on. */
export const toCursor = (position: string) => Buffer.from(position).toString('base64url');
export const fromCursor = (cursor: string) => Buffer.from(cursor, 'base64url').toString('utf8');
