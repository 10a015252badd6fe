/** What pages of other origins may send and read; API Gateway and the local runtime both use it. */
export const CORS = {
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  requestHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-api-key', 'x-request-id'],
  answerHeaders: [
    'x-request-id',
    'retry-after',
    'ratelimit-limit',
    'ratelimit-remaining',
    'ratelimit-reset',
    'idempotent-replayed',
  ],
} as const;
