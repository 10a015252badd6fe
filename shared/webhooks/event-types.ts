/** Every event a tenant's webhook can carry (contract, section 6). */
export const WEBHOOK_EVENTS = [
  'session.qr',
  'session.status',
  'message.received',
  'message.sent',
  'message.status',
  'message.failed',
  'message.reaction',
  'message.edited',
  'message.revoked',
  'message.undecryptable',
  'poll.vote',
  'event.response',
  'group.updated',
  'call.received',
  'webhook.test',
] as const;
export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number];
