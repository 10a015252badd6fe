import { randomBytes } from 'node:crypto';

/**
 * An entry in an account's set of sessions. It carries when it was taken and a random part, so that the
 * slot of a session deleted and created anew is never freed by the late end of the deletion.
 */
export function newSlot(sessionId: string, now: number): string {
  return `${sessionId}#${now}.${randomBytes(6).toString('hex')}`;
}

export function sessionIdOf(slot: string): string {
  return slot.slice(0, slot.lastIndexOf('#'));
}

/** A slot this old whose session has no record was left behind by a creation that broke off. */
export const SLOT_GRACE_MS = 60_000;

export function isPastGrace(slot: string, now: number): boolean {
  return now - Number.parseInt(slot.slice(slot.lastIndexOf('#') + 1), 10) > SLOT_GRACE_MS;
}
