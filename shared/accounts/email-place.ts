import * as z from 'zod';
import { all, any, equals, exists, matches, missing } from '../table/condition.ts';
import type { Table } from '../table/table.ts';
import { AccountItem, accountItemKey, accountKeyOf } from './account-item.ts';

/**
 * Every e-mail address has one place in the table. An account stays at the place of the address it was opened
 * with, since its key is in tokens, sessions and keys. Another place may be held by an account that lives
 * elsewhere: `heldBy` says where, and the account's own `email` decides. So a change of address is one write
 * on the account, and all that a crash can leave is a place held for nothing.
 */
const Place = z.looseObject({
  userId: z.string().optional(),
  email: z.string().optional(),
  heldBy: z.string().optional(),
  /** Milliseconds. */
  heldSince: z.number().optional(),
});
type Place = z.infer<typeof Place>;

/** Every request has ended by then, so a place that is still held for nothing is free. */
const CLAIM_GRACE_MS = 60_000;

export async function readAccount(table: Table, accountKey: string): Promise<AccountItem | undefined> {
  const place = await table.get(accountItemKey(accountKey), Place);
  return place?.userId === undefined ? undefined : AccountItem.parse(place);
}

async function follow(
  table: Table,
  place: Place | undefined,
  email: string,
): Promise<AccountItem | undefined> {
  if (place === undefined) return undefined;
  if (place.email === email) return AccountItem.parse(place);
  const holder = place.heldBy === undefined ? undefined : await readAccount(table, place.heldBy);
  return holder?.email === email ? holder : undefined;
}

/** Finds the account with this address. */
export async function findByAddress(table: Table, email: string): Promise<AccountItem | undefined> {
  return await follow(table, await table.get(accountItemKey(accountKeyOf(email)), Place), email);
}

/**
 * Holds the place of an address for an account that is about to have it; false where another account has it
 * or wants it.
 */
export async function claimPlace(
  table: Table,
  claim: { email: string; accountKey: string; now: number },
): Promise<boolean> {
  const { email, accountKey, now } = claim;
  const key = accountItemKey(accountKeyOf(email));
  const place = await table.get(key, Place);
  if (place !== undefined && !(await isFree(table, place, claim))) return false;
  const condition =
    place === undefined
      ? missing('pk')
      : all(
          matches('heldBy', place.heldBy),
          matches('heldSince', place.heldSince),
          matches('email', place.email),
        );
  const held = await table.update(key, { set: { heldBy: accountKey, heldSince: now }, condition }, Place);
  return held !== undefined;
}

async function isFree(
  table: Table,
  place: Place,
  { email, accountKey, now }: { email: string; accountKey: string; now: number },
): Promise<boolean> {
  if ((await follow(table, place, email)) !== undefined) return false;
  return (
    place.heldBy === undefined || place.heldBy === accountKey || now - (place.heldSince ?? 0) > CLAIM_GRACE_MS
  );
}

/** Frees the place of an address that an account held from elsewhere. */
export async function releasePlace(
  table: Table,
  { email, accountKey }: { email: string; accountKey: string },
): Promise<void> {
  const key = accountItemKey(accountKeyOf(email));
  if (accountKeyOf(email) === accountKey) return;
  if (await table.delete(key, all(equals('heldBy', accountKey), missing('userId')))) return;
  const change = { set: { heldBy: undefined, heldSince: undefined } };
  await table.update(key, { ...change, condition: equals('heldBy', accountKey) }, Place);
}

/** Removes an account from its place, which stays where another account holds it. */
export async function removeAccountItem(table: Table, accountKey: string): Promise<void> {
  const key = accountItemKey(accountKey);
  if (await table.delete(key, any(missing('heldBy'), equals('heldBy', accountKey)))) return;
  const place = await table.get(key, Place);
  if (place?.heldBy === undefined) return;
  const { heldBy, heldSince } = place;
  await table.put({ ...key, heldBy, heldSince }, all(exists('userId'), equals('heldBy', heldBy)));
}
