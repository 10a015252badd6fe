import * as z from 'zod';
import { all, any, contains, exists, missing, sizeBelow } from '../table/condition.ts';
import type { Table } from '../table/table.ts';

/** A connected client, as sending to it and closing it need it. */
export const Connection = z.object({
  connectionId: z.string(),
  userId: z.string(),
  accountKey: z.string(),
  admin: z.boolean(),
  /** The one session that a session key reaches. */
  sessionId: z.string().optional(),
  /** Id of the API key that opened it. */
  keyId: z.string().optional(),
  /** When the token that opened it expires, in milliseconds. */
  expiresAt: z.number(),
});
export type Connection = z.infer<typeof Connection>;

/** A connection's subscription, listed under its user; `*` is everything it may hear. */
export const Subscriber = z.object({
  connectionId: z.string(),
  userId: z.string(),
  admin: z.boolean(),
  sessionId: z.string().optional(),
  keyId: z.string().optional(),
  expiresAt: z.number(),
  subscriptions: z.set(z.string()).default(new Set()),
});
export type Subscriber = z.infer<typeof Subscriber>;

export interface ConnectionStore {
  open(connection: Connection): Promise<void>;
  get(connectionId: string): Promise<Connection | undefined>;
  /** False where the connection has as many subscriptions as it may have. */
  subscribe(connection: Connection, target: string): Promise<boolean>;
  unsubscribe(connection: Connection, target: string): Promise<void>;
  close(connection: Pick<Connection, 'connectionId' | 'userId' | 'admin'>): Promise<void>;
  listOfUser(userId: string): Promise<Subscriber[]>;
  /** At most two seconds old; changes made through this store are included. */
  listAdmins(): Promise<Subscriber[]>;
}

/** Subscriptions of one connection. */
export const MAX_SUBSCRIPTIONS = 200;
/**
 * Every event of every tenant asks for the listening administrators: without a cache, one partition would
 * answer them all.
 */
const ADMINS_KEPT_MS = 2_000;

const pointerKey = (connectionId: string) => ({ pk: `CONNECTION#${connectionId}`, sk: 'CONNECTION' });
/** Administrators hear every tenant's events, so their subscriptions are in one list of their own. */
const listPartition = (listener: { userId: string; admin: boolean }) =>
  `CONNECTIONS#${listener.admin ? 'admins' : listener.userId}`;
const listKey = (listener: Pick<Connection, 'connectionId' | 'userId' | 'admin'>) => ({
  pk: listPartition(listener),
  sk: listener.connectionId,
});

export function createConnectionStore(table: Table): ConnectionStore {
  const ttl = (expiresAt: number) => Math.ceil(expiresAt / 1000);
  const listOf = (pk: string) => table.query({ pk }, Subscriber);
  const adminPartition = listPartition({ userId: '', admin: true });
  let admins: { list: Promise<Subscriber[]>; readAtMs: number } | undefined;

  /** Clears the cached list before and after a change, so that no read in between is cached. */
  async function changing<T>({ admin }: { admin: boolean }, write: () => Promise<T>): Promise<T> {
    if (admin) admins = undefined;
    try {
      return await write();
    } finally {
      if (admin) admins = undefined;
    }
  }

  return {
    async open(connection) {
      const { accountKey: _, ...listener } = connection;
      const expiry = { ttl: ttl(connection.expiresAt) };
      // Listed from the start, so that whoever ends a credential finds every connection it opened.
      await changing(connection, () =>
        Promise.all([
          table.put({ ...pointerKey(connection.connectionId), ...connection, ...expiry }),
          table.put({ ...listKey(connection), ...listener, ...expiry }),
        ]),
      );
    },
    get: (connectionId) => table.get(pointerKey(connectionId), Connection),
    async subscribe(connection, target) {
      const { accountKey: _, ...listener } = connection;
      const change = {
        add: { subscriptions: new Set([target]) },
        set: { ...listener, ttl: ttl(connection.expiresAt) },
        condition: any(
          missing('subscriptions'),
          sizeBelow('subscriptions', MAX_SUBSCRIPTIONS),
          contains('subscriptions', target),
        ),
      };
      const added = await changing(connection, () => table.update(listKey(connection), change, Subscriber));
      return added !== undefined;
    },
    async unsubscribe(connection, target) {
      const change = {
        subtract: { subscriptions: new Set([target]) },
        condition: all(exists('pk'), exists('subscriptions')),
      };
      await changing(connection, () => table.update(listKey(connection), change, Subscriber));
    },
    async close(connection) {
      await changing(connection, () =>
        Promise.all([table.delete(pointerKey(connection.connectionId)), table.delete(listKey(connection))]),
      );
    },
    listOfUser: (userId) => listOf(listPartition({ userId, admin: false })),
    async listAdmins() {
      const nowMs = performance.now();
      if (admins === undefined || nowMs - admins.readAtMs > ADMINS_KEPT_MS) {
        const read = { list: listOf(adminPartition), readAtMs: nowMs };
        admins = read;
        read.list.catch(() => {
          if (admins === read) admins = undefined;
        });
      }
      return await admins.list;
    },
  };
}
