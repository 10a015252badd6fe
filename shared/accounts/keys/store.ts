import * as z from 'zod';
import { all, any, contains, equals, exists, missing, sizeBelow } from '../../table/condition.ts';
import type { Table } from '../../table/table.ts';
import {
  hashApiKey,
  isHashOf,
  keyIdOf,
  newApiKey,
  newKeyId,
  prefixOf,
  sessionKeyId,
} from './api-key-text.ts';

/** A key as it is stored, without its text. */
export const ApiKeyItem = z.object({
  keyId: z.string(),
  userId: z.string(),
  accountKey: z.string(),
  sessionId: z.string().optional(),
  name: z.string().optional(),
  prefix: z.string(),
  hash: z.string(),
  createdAt: z.iso.datetime(),
});
export type ApiKeyItem = z.infer<typeof ApiKeyItem>;

/** Names the keys of an account, each with the time it was named, so that they can be listed and counted. */
const KeyList = z.object({ names: z.set(z.string()).default(new Set()) });

export interface NewApiKey {
  userId: string;
  accountKey: string;
  mode: 'live' | 'test';
  sessionId?: string | undefined;
  name?: string | undefined;
}

export interface DrawnApiKey {
  item: ApiKeyItem;
  /** The key's text, which is shown once. */
  apiKey: string;
}

export interface ApiKeyStore {
  /** Returns `undefined` where the account has as many keys as it may have. */
  create(key: NewApiKey): Promise<DrawnApiKey | undefined>;
  /** Issues the session's own key; this one write also ends the key before it. */
  issueForSession(key: NewApiKey & { sessionId: string }): Promise<DrawnApiKey>;
  /** Finds a key by one consistent read, so that a revoked key is refused at once. */
  find(apiKey: string): Promise<ApiKeyItem | undefined>;
  /** Lists the account's keys and those of its sessions, oldest first. */
  listOfUser(userId: string, sessionIds: readonly string[]): Promise<ApiKeyItem[]>;
  /** Returns false where the account has no such key. */
  revoke(userId: string, keyId: string): Promise<boolean>;
  /** Revokes every key that reaches this session only, and returns their ids. */
  revokeOfSession(userId: string, sessionId: string): Promise<string[]>;
}

export const MAX_KEYS_PER_ACCOUNT = 25;
/** A name this old without a key was left by a creation that broke off. */
const NAME_GRACE_MS = 60_000;

const itemKey = (keyId: string) => ({ pk: `KEY#${keyId}`, sk: 'KEY' });
const listKey = (userId: string) => ({ pk: `KEYS#${userId}`, sk: 'KEYS' });
const keyIdOfName = (name: string) => name.slice(0, name.indexOf('#'));
const namedAt = (name: string) => Number(name.slice(name.indexOf('#') + 1));
const byAge = (a: ApiKeyItem, b: ApiKeyItem) =>
  `${a.createdAt}${a.keyId}` < `${b.createdAt}${b.keyId}` ? -1 : 1;

/** `now` is in milliseconds. */
export function createApiKeyStore(table: Table, now: () => number): ApiKeyStore {
  async function namesOf(userId: string): Promise<string[]> {
    const list = await table.get(listKey(userId), KeyList);
    return [...(list?.names ?? [])];
  }

  async function drop(userId: string, names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const change = { subtract: { names: new Set(names) }, condition: exists('pk') };
    await table.update(listKey(userId), change, KeyList);
  }

  /** Names the key before it exists: a crash leaves a name without a key, never a key that no list shows. */
  async function enlist(userId: string, name: string): Promise<boolean> {
    const room = any(missing('names'), sizeBelow('names', MAX_KEYS_PER_ACCOUNT), contains('names', name));
    const change = { add: { names: new Set([name]) }, condition: room };
    const add = async () => (await table.update(listKey(userId), change, KeyList)) !== undefined;
    if (await add()) return true;
    const old = (await namesOf(userId)).filter((each) => now() - namedAt(each) > NAME_GRACE_MS);
    const items = await table.getMany(old.map(keyIdOfName).map(itemKey), ApiKeyItem);
    const alive = new Set(items.map(({ keyId }) => keyId));
    const orphans = old.filter((each) => !alive.has(keyIdOfName(each)));
    await drop(userId, orphans);
    return orphans.length > 0 && (await add());
  }

  function draw(key: NewApiKey, keyId: string): DrawnApiKey {
    const apiKey = newApiKey(key.mode, keyId);
    const item: ApiKeyItem = {
      keyId,
      userId: key.userId,
      accountKey: key.accountKey,
      sessionId: key.sessionId,
      name: key.name,
      prefix: prefixOf(apiKey),
      hash: hashApiKey(apiKey),
      createdAt: new Date(now()).toISOString(),
    };
    return { item, apiKey };
  }

  async function revoke(userId: string, keyId: string): Promise<boolean> {
    const revoked = await table.delete(itemKey(keyId), all(exists('pk'), equals('userId', userId)));
    const names = await namesOf(userId);
    const own = names.filter((name) => keyIdOfName(name) === keyId);
    await drop(userId, own);
    return revoked || own.length > 0;
  }

  return {
    revoke,
    async create(key) {
      const drawn = draw(key, newKeyId());
      const { keyId, hash } = drawn.item;
      if (!(await enlist(key.userId, `${keyId}#${now()}`))) return undefined;
      await table.put({ ...itemKey(keyId), ...drawn.item }, any(missing('pk'), equals('hash', hash)));
      return drawn;
    },
    async issueForSession(key) {
      const drawn = draw(key, sessionKeyId(key.sessionId));
      await table.put({ ...itemKey(drawn.item.keyId), ...drawn.item });
      return drawn;
    },
    async find(apiKey) {
      const keyId = keyIdOf(apiKey);
      const item = keyId === undefined ? undefined : await table.get(itemKey(keyId), ApiKeyItem);
      return item !== undefined && isHashOf(apiKey, item.hash) ? item : undefined;
    },
    async listOfUser(userId, sessionIds) {
      const keyIds = [...(await namesOf(userId)).map(keyIdOfName), ...sessionIds.map(sessionKeyId)];
      const items = await table.getMany(keyIds.map(itemKey), ApiKeyItem);
      return items.filter((item) => item.userId === userId).toSorted(byAge);
    },
    async revokeOfSession(userId, sessionId) {
      const keyIds = [sessionKeyId(sessionId), ...(await namesOf(userId)).map(keyIdOfName)];
      const items = await table.getMany(keyIds.map(itemKey), ApiKeyItem);
      const own = items.filter((item) => item.userId === userId && item.sessionId === sessionId);
      await Promise.all(own.map(({ keyId }) => revoke(userId, keyId)));
      return own.map(({ keyId }) => keyId);
    },
  };
}
