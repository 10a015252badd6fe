import { callReceived, groupUpdated } from './conversation-events.ts';
import type { DataOf, EventDeclaration } from './define-event.ts';
import { webhookTest, workerStatus } from './gateway-events.ts';
import {
  eventResponse,
  messageEdited,
  messageFailed,
  messageReaction,
  messageReceived,
  messageRevoked,
  messageSent,
  messageStatus,
  messageUndecryptable,
  pollVote,
} from './message-events.ts';
import { sessionQr, sessionStatus } from './session-events.ts';

/** Every event there is, in the order in which readers are shown them. */
export const EVENTS = [
  sessionQr,
  sessionStatus,
  messageReceived,
  messageSent,
  messageStatus,
  messageFailed,
  messageReaction,
  messageEdited,
  messageRevoked,
  messageUndecryptable,
  pollVote,
  eventResponse,
  groupUpdated,
  callReceived,
  webhookTest,
  workerStatus,
] as const;
export type DeclaredEvent = (typeof EVENTS)[number];
export type EventType = DeclaredEvent['type'];
export type DeclarationOf<T extends EventType> = Extract<DeclaredEvent, { type: T }>;
export type WebhookEventType = Exclude<DeclaredEvent, { withoutWebhook: true }>['type'];

/** The same, seen as what any declaration may have. */
export const DECLARATIONS: readonly (EventDeclaration & { type: EventType })[] = EVENTS;

const byType = new Map(DECLARATIONS.map((event) => [event.type, event]));

/** @throws Error for a type that is not declared */
export function declarationOf(type: EventType): EventDeclaration & { type: EventType } {
  const found = byType.get(type);
  if (found === undefined) throw new Error(`The event ${type} is not declared.`);
  return found;
}

const isForWebhooks = (
  event: EventDeclaration & { type: EventType },
): event is EventDeclaration & { type: WebhookEventType } => event.withoutWebhook !== true;

/** What a tenant's webhook may ask for. */
export const WEBHOOK_EVENTS = DECLARATIONS.filter(isForWebhooks).map(({ type }) => type);

/** An event that has happened: what webhooks are sent, and what frames are made from. */
export interface EventOf<E extends EventDeclaration> {
  /** Of the fact, over webhooks and WebSocket alike: the same when it is told again. */
  id: string;
  type: E['type'];
  /** When it happened, ISO-8601. */
  timestamp: string;
  /** null for what belongs to no session. */
  sessionId: string | null;
  data: DataOf<E>;
}
type AnyOf<E> = E extends EventDeclaration ? EventOf<E> : never;
export type GatewayEvent = AnyOf<DeclaredEvent>;
export type WebhookEvent = Extract<GatewayEvent, { type: WebhookEventType }>;
