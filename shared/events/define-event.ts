import * as z from 'zod';

/** One object, or a union of them by one of their fields. */
export type DataSchema = z.ZodObject | z.ZodDiscriminatedUnion;

/**
 * An event as data: the one place it is declared. The worker's reports, the mapping of callbacks, the payload of
 * webhooks, the WebSocket's frames, the OpenAPI document, the reference, the typed client and the law tests read this.
 */
export interface EventDeclaration {
  /** Unique; `noun.happening`. */
  type: string;
  /** What has happened, as a sentence. */
  summary: string;
  /** What a reader must know beyond the fields. */
  description?: string;
  /** Its name is the component's name in the OpenAPI document. */
  data: DataSchema;
  /**
   * The worker's reports that it is made from: `session-status` and `message-status` are the callbacks of those names,
   * any other is the `event` of a worker's event, which carries this event's data. Empty for what the control plane
   * itself knows.
   */
  reports: readonly string[];
  /** Set where no webhook gets it. */
  withoutWebhook?: true;
  /** Set where no client of the WebSocket gets it. */
  withoutFrame?: true;
  /** The name of its frame where that is not `type`. */
  frame?: string;
  /** Where the frame shows other data than the webhook. */
  frameData?: { schema: DataSchema; of: (data: never) => object };
  /** Set where only administrators get it. */
  forAdministrators?: true;
  /** The `data` of one that has happened. */
  example: object;
}

/** Keeps the literal types of a declaration, and holds its example against its schema. */
export function defineEvent<const E extends EventDeclaration>(event: E & { example: z.input<E['data']> }): E {
  return event;
}

export type DataOf<E extends EventDeclaration> = z.output<E['data']>;

/** The forms that the data may have. */
export function formsOf(data: DataSchema): readonly z.ZodObject[] {
  if (data instanceof z.ZodObject) return [data];
  return data.options.flatMap((option) => (option instanceof z.ZodObject ? [option] : []));
}

/** Whether the data has a field of this name, in any of its forms. */
export const hasField = ({ data }: Pick<EventDeclaration, 'data'>, name: string): boolean =>
  formsOf(data).some(({ shape }) => Object.hasOwn(shape, name));
