import { createHash } from 'node:crypto';
import { placeOf, type WebhookItem } from '../webhook-item.ts';

/**
 * Deliveries wait in one of two lanes, each a queue with consumers of its own: the quick one, and one for webhooks whose
 * endpoints take long to answer, or do not answer. Events of a session stay in order over a change of lanes: every
 * process knows of it before it happens, and on the way back nothing is attempted before a mark has gone through the slow
 * lane behind everything else.
 */
export type Lane = 'quick' | 'slow';

/**
 * `neither`: between two lanes; what comes waits in the queue, at least until then. `drains`: until the slow lane has nothing of
 * it any more, which somebody has to ask.
 */
export type CurrentLane = { lane: Lane } | { lane: 'neither'; untilMs: number; drains: boolean };

/** Longer than any process remembers what a webhook was before. */
export const LANE_NOTICE_MS = 7_000;
/** After the last slow answer. */
export const SLOW_FOR_MS = 10 * 60_000;
/** Longer than it takes to hand over to the slow lane what was read before its time was over. */
export const HANDED_OVER_MS = 20_000;
/** Nothing waits longer for the slow lane: its order is worth less then. */
export const MAX_DRAIN_MS = 2 * 3_600_000;

type SlowMarks = Pick<WebhookItem, 'slowFrom' | 'slowUntil' | 'slowDrained'>;

/** The lane at a time, in milliseconds. */
export function laneOf({ slowFrom, slowUntil, slowDrained }: SlowMarks, now: number): CurrentLane {
  if (slowFrom === undefined || slowUntil === undefined) return { lane: 'quick' };
  const [from, until] = [Date.parse(slowFrom), Date.parse(slowUntil)];
  if (now < from) return { lane: 'neither', untilMs: from, drains: false };
  if (now < until) return { lane: 'slow' };
  const isEmpty = (slowDrained?.size ?? 0) >= SLOW_AT_A_TIME.perEndpoint;
  if (isEmpty || now >= until + MAX_DRAIN_MS) return { lane: 'quick' };
  const handedOverAt = until + HANDED_OVER_MS;
  return now < handedOverAt
    ? { lane: 'neither', untilMs: handedOverAt, drains: false }
    : { lane: 'neither', untilMs: now, drains: true };
}

/** How many requests the slow lane has open at a time; later attempts have half as many beside them. */
export const SLOW_AT_A_TIME = { perEndpoint: 4, perTenant: 16 };
const LATER_AT_A_TIME = 4;

function numberOf(text: string, bound: number): number {
  return createHash('sha256').update(text).digest().readUInt16BE() % bound;
}

/** A queue's group, which it hands over one message at a time: the group of a first attempt in the quick lane. */
export const firstGroup = (webhookId: string, sessionId: string | null) => `${webhookId}:${sessionId ?? '-'}`;

/** Of a later attempt: it stands behind few others, and holds up no first one. */
export const laterGroup = (webhookId: string, deliveryId: string) =>
  `${webhookId}:later:${numberOf(deliveryId, LATER_AT_A_TIME)}`;

type Owner = Pick<WebhookItem, 'userId' | 'webhookId'>;

function slowGroupAt({ userId, webhookId }: Owner, kind: 'first' | 'later', index: number): string {
  const { perEndpoint, perTenant } = SLOW_AT_A_TIME;
  const own = kind === 'first' ? perEndpoint : perEndpoint / 2;
  const webhooks = perTenant / perEndpoint;
  const first = ((placeOf(webhookId) ?? numberOf(webhookId, webhooks)) % webhooks) * own;
  return `${userId}:${kind}:${first + index}`;
}

/**
 * In the slow lane: there are so many groups for a webhook and for a tenant, and that is the bound, over all processes.
 * Webhooks of one tenant share groups from the fifth on.
 * @param spread what has to stay in order: a session; a delivery for later attempts
 */
export function slowGroup(owner: Owner, kind: 'first' | 'later', spread: string): string {
  const { perEndpoint } = SLOW_AT_A_TIME;
  return slowGroupAt(owner, kind, numberOf(spread, kind === 'first' ? perEndpoint : perEndpoint / 2));
}

/** All groups in which first attempts of a webhook wait. */
export const slowGroups = (owner: Owner): string[] =>
  Array.from({ length: SLOW_AT_A_TIME.perEndpoint }, (_, index) => slowGroupAt(owner, 'first', index));
