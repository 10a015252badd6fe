import * as z from 'zod';

/** What the control plane asks of the relay: one call of the worker API. */
export const RelayCall = z.object({
  url: z.url({ protocol: /^https?$/ }),
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']),
  token: z.string().min(1).optional(),
  requestId: z.string().max(128).optional(),
  body: z.string().optional(),
});
export type RelayCall = z.infer<typeof RelayCall>;

/** A worker's answer, or why there is none: the code of the failed connection, where there is one. */
export const RelayAnswer = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('answered'),
    status: z.number().int(),
    headers: z.record(z.string(), z.string()),
    /** Base64: pictures come this way too. */
    body: z.string(),
  }),
  z.object({ outcome: z.literal('failed'), code: z.string().optional(), message: z.string() }),
]);
export type RelayAnswer = z.infer<typeof RelayAnswer>;
