import * as z from 'zod';
import { EVENT_FRAMES, type EventFrame } from '../events/event-frame.ts';
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

const answer = <E extends string, D extends z.ZodType>(event: E, data: D) =>
  z.object({ event: z.literal(event), data, timestamp: z.iso.datetime() });

/** What a client's own frame is answered with. */
export const AnswerFrame = z.discriminatedUnion('event', [
  answer('subscribed', z.object({ sessionId: z.string() })),
  answer('unsubscribed', z.object({ sessionId: z.string() })),
  answer('pong', z.object({})),
  answer('error', z.object({ code: z.string(), error: z.string() })),
]);
export type AnswerFrame = z.infer<typeof AnswerFrame>;

export type ServerFrame = AnswerFrame | EventFrame;
export type ServerEvent = ServerFrame['event'];

/** What the gateway sends. */
export const ServerFrame = z.discriminatedUnion('event', [
  ...AnswerFrame.options,
  ...EVENT_FRAMES.values(),
]) as unknown as z.ZodType<ServerFrame>;

/** Larger events are cut and say so (API Gateway ends at 128 KB). */
export const MAX_FRAME_BYTES = 100_000;
