import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { EVENT_FRAMES } from '../../shared/events/event-frame.ts';
import type { EventType } from '../../shared/events/registry.ts';
import { WEBHOOK_PAYLOADS } from '../../shared/events/webhook-payload.ts';
import { AnswerFrame } from '../../shared/realtime/schema.ts';
import { recordSeen } from './answer-log.ts';

const WAYS = { webhook: WEBHOOK_PAYLOADS, frame: EVENT_FRAMES } as const;
type Way = keyof typeof WAYS;

/** `webhook message.sent`, `frame message.sent`: one line for each way that a declared event goes. */
const nameOf = (way: Way, type: string) => `${way} ${type}`;

export const declaredEvents = (Object.keys(WAYS) as Way[]).flatMap((way) =>
  [...WAYS[way].keys()].map((type) => nameOf(way, type)),
);

const faults: string[] = [];

/** Fields that are not declared are a fault as well. */
function problemOf(schema: z.ZodType | undefined, event: unknown): string | undefined {
  if (schema === undefined) return 'it is none that is declared';
  const { data, error } = schema.safeParse(event);
  if (error !== undefined) return z.prettifyError(error);
  return isDeepStrictEqual(data, event) ? undefined : 'it has fields that are not declared';
}

function judge(what: string, text: string, schema: z.ZodType | undefined): boolean {
  const problem = problemOf(schema, JSON.parse(text));
  if (problem !== undefined) faults.push(`${what}: ${problem}\n${text.slice(0, 2_000)}`);
  return problem === undefined;
}

function take(way: Way, text: string): void {
  const { type } = JSON.parse(text) as { type: EventType };
  const name = nameOf(way, type);
  if (judge(name, text, WAYS[way].get(type))) recordSeen(name);
}

/** A webhook's body that a test has received. */
export const recordWebhook = (body: string): void => take('webhook', body);

/** A frame that a test has received: of an event, or the answer to a client's own. */
export function recordFrame(text: string): void {
  if ('type' in JSON.parse(text)) take('frame', text);
  else judge('an answer over the WebSocket', text, AnswerFrame);
}

/**
 * Where they were seen nobody could be told: a receiver has answered already, and a push that fails is only logged.
 * @throws Error that shows each that does not match its declaration
 */
export function refuseFaults(): void {
  const found = faults.splice(0);
  if (found.length > 0) throw new Error(`Events that are not as declared:\n${found.join('\n')}`);
}
