import * as z from 'zod';
import type { EventDeclaration } from './define-event.ts';
import { DECLARATIONS, declarationOf, type EVENTS, type EventType, type GatewayEvent } from './registry.ts';
import { componentName } from './webhook-payload.ts';

type FrameName<E extends EventDeclaration> = E extends { frame: infer N extends string } ? N : E['type'];
type FrameData<E extends EventDeclaration> = E extends { frameData: { schema: infer S extends z.ZodType } }
  ? z.output<S>
  : z.output<E['data']>;

/** An event as clients of the WebSocket get it. */
interface FrameOf<E extends EventDeclaration> {
  /** The name that front ends go by. */
  event: FrameName<E>;
  /** The name that webhooks go by. */
  type: E['type'];
  /** The event's own: the same on a repeated delivery, and in the webhook. */
  id: string;
  data: FrameData<E>;
  timestamp: string;
}
type Shown<E> = E extends EventDeclaration ? (E extends { withoutFrame: true } ? never : FrameOf<E>) : never;
export type EventFrame = Shown<(typeof EVENTS)[number]>;

const nameOf = ({ frame, type }: EventDeclaration) => frame ?? type;

function frameSchemaOf(event: EventDeclaration) {
  const { type, summary, data, frameData } = event;
  return z
    .object({
      event: z.literal(nameOf(event)),
      type: z.literal(type),
      id: z.string().meta({ description: 'The same on a repeated delivery, and in the webhook.' }),
      data: frameData?.schema ?? data,
      timestamp: z.iso.datetime().meta({ description: 'When it happened.' }),
    })
    .meta({ id: componentName(type, 'Frame'), description: summary });
}

/** The frame of each event that has one, by the event's type. */
export const EVENT_FRAMES: ReadonlyMap<EventType, z.ZodObject> = new Map(
  DECLARATIONS.filter(({ withoutFrame }) => withoutFrame !== true).map((event) => [
    event.type,
    frameSchemaOf(event),
  ]),
);

/** The event as a frame; `undefined` for one that has none. */
export function frameOf({ type, id, timestamp, data }: GatewayEvent): EventFrame | undefined {
  const event = declarationOf(type);
  if (event.withoutFrame === true) return undefined;
  const shown = event.frameData === undefined ? data : event.frameData.of(data as never);
  return { event: nameOf(event), type, id, data: shown, timestamp } as EventFrame;
}
