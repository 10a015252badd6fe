import { createHash, randomBytes } from 'node:crypto';

/**
 * An entry in an account's set of sessions. It holds its time and a random part, so that the late end of a
 * deletion never removes the entry of a session that was created anew under the same id.
 */
export function newSlot(sessionId: string, now: number, seed?: string): string {
  return `${sessionId}#${now}.${seed === undefined ? randomBytes(6).toString('hex') : partOf(seed)}`;
}

const partOf = (seed: string) => createHash('sha256').update(seed).digest('hex').slice(0, 12);

/** Tells whether an earlier try of the same idempotent request made this entry. */
export function isSlotOf(slot: string, seed: string): boolean {
  return slot.endsWith(`.${partOf(seed)}`);
}

export function sessionIdOf(slot: string): string {
  return slot.slice(0, slot.lastIndexOf('#'));
}

/** An entry this old without a session's record was left by a creation that broke off. */
export const SLOT_GRACE_MS = 60_000;

export function isPastGrace(slot: string, now: number): boolean {
  return now - Number.parseInt(slot.slice(slot.lastIndexOf('#') + 1), 10) > SLOT_GRACE_MS;
}
