import * as z from 'zod';
import type { ObjectBucket } from '../objects/object-reader.ts';
import type { WorkerItem } from './worker-item.ts';
import { LEASE_TTL_MS } from './worker-item.ts';

/** What a worker writes while its heartbeats fail; the bucket's clock tells when. */
export const Alive = z.object({ bootId: z.string(), generation: z.number().int() });
export type Alive = z.infer<typeof Alive>;

export const aliveKey = (workerId: string) => `workers/${workerId}/alive`;

/** Returns `undefined` for an object that none of our workers has written. */
function parseAlive(body: Uint8Array): Alive | undefined {
  try {
    return Alive.safeParse(JSON.parse(Buffer.from(body).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/**
 * Until when a worker holds its lease by what it wrote into the bucket: milliseconds since the epoch, 0 where
 * it wrote nothing. The worker counts from sending a write that was acknowledged in time, this counts from
 * its arrival, which is later: as with heartbeats, the worker has let go before anybody else takes over.
 * @throws AppError STORAGE_UNAVAILABLE
 */
export async function readAliveUntil(
  objects: Pick<ObjectBucket, 'list' | 'get'>,
  { workerId, bootId, generation }: Pick<WorkerItem, 'workerId' | 'bootId' | 'generation'>,
): Promise<number> {
  const key = aliveKey(workerId);
  // Lists first: a GET of a missing object is denied to whoever may list prefixes only.
  const found = (await objects.list(key)).find((each) => each.key === key);
  if (found === undefined) return 0;
  const body = await objects.get(key);
  if (body === undefined) return 0;
  const alive = parseAlive(body);
  const isThisProcess = alive?.bootId === bootId && alive?.generation === generation;
  return isThisProcess ? found.modifiedAt + LEASE_TTL_MS : 0;
}
