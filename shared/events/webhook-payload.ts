import * as z from 'zod';
import { toBoundedJson } from './cut-to-size.ts';
import { type EventDeclaration, hasField } from './define-event.ts';
import { DECLARATIONS, type EventType, WEBHOOK_EVENTS, type WebhookEvent } from './registry.ts';

/** `message.received` is `MessageReceived…`, as the name of a component. */
export const componentName = (type: string, ending: string) =>
  `${type.replace(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase())}${ending}`;

/** The body of one event, as it is signed and sent. */
function payloadOf(event: EventDeclaration) {
  const { type, summary, data } = event;
  return z
    .object({
      id: z
        .string()
        .meta({ description: 'Also the webhook-id: the same on every attempt, and in the frame.' }),
      type: z.literal(type),
      timestamp: z.iso.datetime().meta({ description: 'When it happened.' }),
      sessionId: hasField(event, 'sessionId') ? z.string() : z.null(),
      data,
    })
    .meta({ id: componentName(type, 'Event'), description: summary });
}

export const WEBHOOK_PAYLOADS: ReadonlyMap<EventType, z.ZodObject> = new Map(
  DECLARATIONS.filter(({ withoutWebhook }) => withoutWebhook !== true).map((event) => [
    event.type,
    payloadOf(event),
  ]),
);

const [first, ...others] = [...WEBHOOK_PAYLOADS.values()] as [z.ZodObject, ...z.ZodObject[]];

/** The body that is signed and sent; which event it is of, `type` tells. */
export const WebhookPayload = z.discriminatedUnion('type', [
  first,
  ...others,
]) as unknown as z.ZodType<WebhookEvent>;
export type WebhookPayload = WebhookEvent;

/** Fits into a queue's message and a table's item, with room for what goes around it. */
const MAX_PAYLOAD_BYTES = 180_000;

/** The body of an event, fixed once for every attempt. */
export const renderPayload = (event: WebhookEvent): string => toBoundedJson(event, MAX_PAYLOAD_BYTES);

export const isForWebhooks = (event: { type: EventType }): event is WebhookEvent =>
  (WEBHOOK_EVENTS as readonly string[]).includes(event.type);
