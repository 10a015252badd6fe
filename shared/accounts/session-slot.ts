import { createHash, randomBytes } from 'node:crypto';

/**
 * An entry in an account's set of sessions. It carries when it was taken and a random part, so that the
 * slot of a session deleted and created anew is never freed by the late end of the deletion.
 */
export function newSlot(sessionId: string, now: number, seed?: string): string {
  return `${sessionId}#${now}.${seed === undefined ? randomBytes(6).toString('hex') : partOf(seed)}`;
}

const partOf = (seed: string) => createHash('sha256').update(seed).digest('hex').slice(0, 12);

/** Whether a slot was taken by an earlier try of the same idempotent request. */
export function isSlotOf(slot: string, seed: string): boolean {
  return slot.endsWith(`.${partOf(seed)}`);
}

export function sessionIdOf(slot: string): string {
  return slot.slice(0, slot.lastIndexOf('#'));
}

/** A slot this old whose session has no record was left behind by a creation that broke off. */
export const SLOT_GRACE_MS = 60_000;

export function isPastGrace(slot: string, now: number): boolean {
  return now - Number.parseInt(slot.slice(slot.lastIndexOf('#') + 1), 10) > SLOT_GRACE_MS;
}
