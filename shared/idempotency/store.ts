import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { all, any, atMost, equals, missing } from '../table/condition.ts';
import type { Table } from '../table/table.ts';

export const ANSWER_TTL_MS = 24 * 3_600_000;
/** Every holder has ended by then: the gateway gives a request 30 s. */
export const LOCK_TTL_MS = 35_000;
/** DynamoDB's items end at 400 KB; none of our answers comes near this. */
export const MAX_ANSWER_BYTES = 100_000;

const Answer = z.object({
  status: z.number().int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});
export type KeptAnswer = z.infer<typeof Answer>;

const Entry = z.object({
  requestHash: z.string(),
  /** Random, from the first try: whatever must be the same in every try is derived from it. */
  seed: z.string(),
  /** The current holder and its time limit in milliseconds; nobody after a failure that may be retried. */
  holder: z.string(),
  lockedUntil: z.number(),
  answer: Answer.optional(),
  /** Milliseconds. */
  expiresAt: z.number(),
});
type Entry = z.infer<typeof Entry>;

export interface Scope {
  userId: string;
  routeId: string;
  /** The caller's own key. */
  key: string;
}

export interface Hold {
  scope: Scope;
  holder: string;
  seed: string;
}

export type Claim =
  | { outcome: 'held'; hold: Hold }
  | { outcome: 'answered'; answer: KeptAnswer }
  | { outcome: 'busy' }
  /** The holder has released the key, so that it can be claimed again. */
  | { outcome: 'free' }
  | { outcome: 'mismatch' };

export interface IdempotencyStore {
  /** Claims the key for this request; one of all concurrent callers succeeds. */
  claim(scope: Scope, requestHash: string): Promise<Claim>;
  /** Looks for an answer; takes the key over from a holder whose time is up. */
  look(scope: Scope, requestHash: string): Promise<Claim>;
  /** Keeps the answer for a day. Returns false where it is too large. */
  keep(hold: Hold, answer: KeptAnswer): Promise<boolean>;
  /** Lets the next try run at once, with the same seed. */
  release(hold: Hold): Promise<void>;
  /** Forgets the key, as if it had never been used. */
  forget(hold: Hold): Promise<void>;
}

function keyOf({ userId, routeId, key }: Scope) {
  const hash = createHash('sha256').update(key).digest('base64url');
  return { pk: `IDEMPOTENCY#${userId}#${routeId}#${hash}`, sk: 'IDEMPOTENCY' };
}

/** `now` is in milliseconds. */
export function createIdempotencyStore(table: Table, now: () => number): IdempotencyStore {
  async function takeOver(scope: Scope, found: Entry): Promise<Claim> {
    const holder = randomBytes(9).toString('base64url');
    const set = { holder, lockedUntil: now() + LOCK_TTL_MS };
    const condition = all(equals('holder', found.holder), missing('answer'));
    const taken = await table.update(keyOf(scope), { set, condition }, Entry);
    return taken === undefined
      ? { outcome: 'busy' }
      : { outcome: 'held', hold: { scope, holder, seed: taken.seed } };
  }

  async function look(scope: Scope, requestHash: string): Promise<Claim> {
    const found = await table.get(keyOf(scope), Entry);
    if (found === undefined || found.expiresAt <= now()) return { outcome: 'free' };
    if (found.requestHash !== requestHash) return { outcome: 'mismatch' };
    if (found.answer !== undefined) return { outcome: 'answered', answer: found.answer };
    return found.lockedUntil <= now() ? await takeOver(scope, found) : { outcome: 'busy' };
  }

  return {
    look,
    async claim(scope, requestHash) {
      const holder = randomBytes(9).toString('base64url');
      const seed = randomBytes(18).toString('base64url');
      const expiresAt = now() + ANSWER_TTL_MS;
      const lockedUntil = now() + LOCK_TTL_MS;
      const ttl = Math.ceil(expiresAt / 1000);
      const entry = { requestHash, seed, holder, lockedUntil, expiresAt, ttl };
      const free = any(missing('pk'), atMost('expiresAt', now()), equals('holder', holder));
      // The last condition covers a write that the SDK repeats after a time-out.
      const held = await table.put({ ...keyOf(scope), ...entry }, free);
      return held ? { outcome: 'held', hold: { scope, holder, seed } } : await look(scope, requestHash);
    },
    async keep({ scope, holder }, answer) {
      if (Buffer.byteLength(answer.body) > MAX_ANSWER_BYTES) return false;
      const condition = equals('holder', holder);
      await table.update(keyOf(scope), { set: { answer, lockedUntil: 0 }, condition }, Entry);
      return true;
    },
    async release({ scope, holder }) {
      const change = { set: { lockedUntil: 0 }, condition: all(equals('holder', holder), missing('answer')) };
      await table.update(keyOf(scope), change, Entry);
    },
    async forget({ scope, holder }) {
      await table.delete(keyOf(scope), equals('holder', holder));
    },
  };
}
