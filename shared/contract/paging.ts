import * as z from 'zod';

/** `?limit` and `?cursor` of every list. */
export const PageQuery = z.object({
  limit: z.coerce
    .number()
    .int('use a whole number')
    .min(1, 'use 1 or more')
    .max(100, 'use at most 100')
    .default(50),
  cursor: z.string().max(1024).optional().meta({ description: 'Opaque; taken from the last answer.' }),
});
export type PageQuery = z.infer<typeof PageQuery>;

export const Pagination = z
  .object({
    limit: z.number().int(),
    cursor: z.string().nullable(),
    hasMore: z.boolean(),
  })
  .meta({ id: 'Pagination' });
export type Pagination = z.infer<typeof Pagination>;

/** For `.meta()` of a change: at least one of its fields must be present; other fields are refused. */
export const SOME_FIELD = { minProperties: 1 } as const;
