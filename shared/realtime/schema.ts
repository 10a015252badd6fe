import * as z from 'zod';
import { MessageStatus } from '../messages/schema.ts';
import { SessionStatus } from '../sessions/schema.ts';
import { normalizeSlug } from '../text/slug.ts';

const Target = z
  .string()
  .min(1)
  .max(128)
  .transform((text) => (text === '*' ? text : normalizeSlug(text)));

/** What a client may send over the WebSocket. */
export const ClientFrame = z.discriminatedUnion('action', [
  z.object({ action: z.literal('subscribe'), sessionId: Target }),
  z.object({ action: z.literal('unsubscribe'), sessionId: Target }),
  z.object({ action: z.literal('ping') }),
]);
export type ClientFrame = z.infer<typeof ClientFrame>;

const frame = <E extends string, D extends z.ZodType>(event: E, data: D) =>
  z.object({ event: z.literal(event), id: z.string().optional(), data, timestamp: z.iso.datetime() });

/**
 * A frame from the gateway. `id` is the event's own: it is the same on a repeated delivery, so receivers drop
 * repeats by it.
 */
export const ServerFrame = z.discriminatedUnion('event', [
  frame('subscribed', z.object({ sessionId: z.string() })),
  frame('unsubscribed', z.object({ sessionId: z.string() })),
  frame('pong', z.object({})),
  frame('error', z.object({ code: z.string(), error: z.string() })),
  frame(
    'qr_code_update',
    z.object({
      sessionId: z.string(),
      qrCode: z.string(),
      qrString: z.string(),
      status: z.literal('qr_required'),
      expiresAt: z.iso.datetime(),
    }),
  ),
  frame(
    'session_status_update',
    z.object({
      sessionId: z.string(),
      status: SessionStatus,
      phoneNumber: z.string().nullish(),
      error: z.string().nullish(),
      errorCode: z.string().nullish(),
    }),
  ),
  frame(
    'message_received',
    z.looseObject({ sessionId: z.string(), id: z.string(), truncated: z.boolean().optional() }),
  ),
  frame(
    'message_status_update',
    z.object({
      sessionId: z.string(),
      messageId: z.string(),
      status: MessageStatus,
      error: z.string().nullish(),
      errorCode: z.string().nullish(),
    }),
  ),
  frame('worker_status_update', z.looseObject({ workerId: z.string() })),
]);
export type ServerFrame = z.infer<typeof ServerFrame>;
export type ServerEvent = ServerFrame['event'];
/** The `data` of one event. */
export type ServerData<E extends ServerEvent> = Extract<ServerFrame, { event: E }>['data'];

/** Larger events are sent with `truncated: true` and an id to fetch by (API Gateway ends at 128 KB). */
export const MAX_FRAME_BYTES = 100_000;
