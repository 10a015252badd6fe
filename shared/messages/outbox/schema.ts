import * as z from 'zod';
import { sendBody } from '../send-body.ts';

/** When a tenant wants it sent: at once or through the outbox, which workers know nothing of. */
export const SendTime = {
  async: z.boolean().optional().meta({
    description: 'Accept it into the outbox and answer 202 at once; it waits where the session is offline.',
  }),
  scheduledAt: z.iso.datetime({ offset: true }).optional().meta({
    description: 'Send it then, at most 90 days ahead; a time that has passed means now. Implies async.',
  }),
};

/** A tenant's send. */
export const TenantSend = sendBody(SendTime, '').meta({
  id: 'SendMessage',
  examples: [
    { to: '6281234567890', type: 'text', message: 'Hello from the gateway' },
    {
      to: '+62 812-3456-7890',
      type: 'image',
      media: { url: 'https://example.com/cat.png' },
      caption: 'A cat',
    },
    { to: '6281234567890', type: 'text', message: 'Merry Christmas', scheduledAt: '2026-12-24T18:00:00Z' },
  ],
});
export type TenantSend = z.infer<typeof TenantSend>;
