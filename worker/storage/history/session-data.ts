import * as z from 'zod';
import type { ObjectStore } from '../object-store.ts';

/** What a person who looks at the bucket wants to know of a session (seed S1); nothing secret. */
export const SessionData = z.object({
  sessionId: z.string(),
  workerId: z.string().optional(),
  epoch: z.number().int(),
  status: z.string(),
  phoneNumber: z.string().nullable(),
  updatedAt: z.iso.datetime(),
});
export type SessionData = z.infer<typeof SessionData>;

const keyOf = (sessionId: string) => `sessions/${sessionId}/session-data.json`;

export async function writeSessionData(store: ObjectStore, data: SessionData): Promise<void> {
  const body = Buffer.from(`${JSON.stringify(SessionData.parse(data), null, 2)}\n`);
  await store.put(keyOf(data.sessionId), body, { contentType: 'application/json' });
}

/** `undefined` where there is none that can be read. */
export async function readSessionData(
  store: ObjectStore,
  sessionId: string,
): Promise<SessionData | undefined> {
  const body = await store.get(keyOf(sessionId));
  if (body === undefined) return undefined;
  try {
    return SessionData.safeParse(JSON.parse(Buffer.from(body).toString())).data;
  } catch {
    return undefined;
  }
}
