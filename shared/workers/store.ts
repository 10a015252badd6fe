import * as z from 'zod';
import { all, any, below, equals, exists, matches, missing } from '../table/condition.ts';
import type { Table } from '../table/table.ts';
import { createEndpointClaims } from './endpoint-claims.ts';
import { countSessions, type Heartbeat } from './heartbeat.ts';
import type { WorkerRegistration } from './schema.ts';
import {
  isLive,
  LEASE_MARGIN_MS,
  LEASE_TTL_MS,
  type WantedOfWorker,
  WORKERS_PARTITION,
  WorkerItem,
  workerKey,
} from './worker-item.ts';

export type Registration =
  | { outcome: 'registered'; worker: WorkerItem; newProcess: boolean }
  | { outcome: 'taken' }
  /** By a process that is over, whatever has kept its call so long. */
  | { outcome: 'past' };

export interface WorkerStore {
  get(workerId: string): Promise<WorkerItem | undefined>;
  getMany(workerIds: readonly string[]): Promise<WorkerItem[]>;
  list(): Promise<WorkerItem[]>;
  /** `bucket`: the one that the control plane reads; a lease can be extended over no other. */
  register(registration: WorkerRegistration, bucket?: string): Promise<Registration>;
  /** Extends the lease; `undefined` where the worker is unknown, fenced, or of another generation. */
  heartbeat(workerId: string, heartbeat: Heartbeat): Promise<WorkerItem | undefined>;
  /** Moves the end of the lease, of the worker as it was read; `undefined` where it was fenced since or is another. */
  prolong(worker: WorkerItem, leaseExpiresAt: number): Promise<WorkerItem | undefined>;
  /** Of the worker as it was read. */
  noteAssigned(worker: WorkerItem, assigned: number): Promise<void>;
  /** Stores what an administrator has set; `undefined` for an unknown worker. */
  setWanted(workerId: string, wanted: WantedOfWorker): Promise<WorkerItem | undefined>;
  /**
   * Voids the lease of the worker as it was read: of a dead one at once, else only once it has ended. One that is
   * `removed` may go on until its lease ends, which stays written down.
   */
  fence(worker: WorkerItem, proof: 'dead' | 'lease-over' | 'removed'): Promise<WorkerItem | undefined>;
}

const IndexedWorker = z.object({ gsi1sk: z.string() });
/** A worker that left is shown for a week. */
const GONE_TTL_S = 7 * 24 * 3_600;
const MAX_PAST_BOOTS = 8;

const isPast = ({ bootId, fencedAt, pastBoots }: WorkerItem, given: string) =>
  pastBoots?.includes(given) === true || (bootId === given && fencedAt !== undefined);

/** `now` is in milliseconds. */
export function createWorkerStore(table: Table, now: () => number): WorkerStore {
  const iso = () => new Date(now()).toISOString();
  const get = (workerId: string) => table.get(workerKey(workerId), WorkerItem);
  const claims = createEndpointClaims(table, now);

  const fence: WorkerStore['fence'] = (worker, proof) =>
    table.update(
      workerKey(worker.workerId),
      {
        set: {
          generation: worker.generation + 1,
          fencedAt: iso(),
          status: 'OFFLINE',
          updatedAt: iso(),
          ...(proof === 'removed'
            ? { wanted: { ...worker.wanted, removeSince: undefined } }
            : { leaseExpiresAt: 0 }),
          breakdown: countSessions([]),
          assigned: undefined,
          ttl: Math.floor(now() / 1000) + GONE_TTL_S,
        },
        condition: all(
          equals('generation', worker.generation),
          missing('fencedAt'),
          ...(proof === 'lease-over' ? [below('leaseExpiresAt', now() - LEASE_MARGIN_MS)] : []),
        ),
      },
      WorkerItem,
    );

  async function register(input: WorkerRegistration, bucket?: string): Promise<Registration> {
    const { workerId, endpoint, bootId } = input;
    const found = await get(workerId);
    if (found !== undefined && bootId !== undefined && isPast(found, bootId)) return { outcome: 'past' };
    if (found !== undefined && found.endpoint !== endpoint && isLive(found, now()))
      return { outcome: 'taken' };
    if (!(await claims.claim(endpoint, workerId))) return { outcome: 'taken' };
    const repeated =
      found !== undefined && bootId !== undefined && found.bootId === bootId && found.fencedAt === undefined;
    const generation = (found?.generation ?? 0) + (repeated ? 0 : 1);
    const { pastBoots = [], bootId: before } = found ?? {};
    const past = repeated || before === undefined ? pastBoots : [...pastBoots, before].slice(-MAX_PAST_BOOTS);
    const worker: WorkerItem = {
      workerId,
      endpoint,
      generation,
      bootId,
      ...(past.length === 0 ? {} : { pastBoots: past }),
      fencesItself: bootId !== undefined,
      leaseOverBucket: bootId !== undefined && bucket !== undefined && input.bucket === bucket,
      protectsTask: input.protectsTask,
      description: input.description ?? null,
      status: input.status ?? 'ONLINE',
      maxSessions: input.maxSessions,
      version: input.version,
      environment: input.environment,
      capabilities: input.capabilities ?? [],
      breakdown: repeated ? found.breakdown : countSessions([]),
      cpuUsage: 0,
      memoryUsage: 0,
      uptime: 0,
      messageCount: 0,
      leaseExpiresAt: now() + LEASE_TTL_MS,
      wanted: found?.wanted,
      lastHeartbeat: iso(),
      createdAt: found?.createdAt ?? iso(),
      updatedAt: iso(),
    };
    const index = { gsi1pk: WORKERS_PARTITION, gsi1sk: workerId };
    const written = await table.put(
      { ...workerKey(workerId), ...worker, ...index },
      any(
        matches('generation', found?.generation),
        all(matches('bootId', bootId), equals('generation', generation)),
      ),
    );
    if (!written) return { outcome: 'taken' };
    if (await claims.isHeldBy(endpoint, workerId))
      return { outcome: 'registered', worker, newProcess: !repeated };
    await fence(worker, 'dead');
    return { outcome: 'taken' };
  }

  return {
    get,
    getMany: (workerIds) => table.getMany(workerIds.map(workerKey), WorkerItem),
    register,
    async list() {
      const hits = await table.query({ pk: WORKERS_PARTITION, index: 'gsi1' }, IndexedWorker);
      return await table.getMany(
        hits.map(({ gsi1sk }) => workerKey(gsi1sk)),
        WorkerItem,
      );
    },
    heartbeat: (workerId, beat) =>
      table.update(
        workerKey(workerId),
        {
          set: {
            status: beat.status,
            breakdown: beat.breakdown,
            updatedAt: iso(),
            lastHeartbeat: iso(),
            cpuUsage: beat.cpuUsage,
            memoryUsage: beat.memoryUsage,
            uptime: beat.uptime,
            messageCount: beat.messageCount,
            ...(beat.capabilities === undefined ? {} : { capabilities: beat.capabilities }),
            leaseExpiresAt: now() + LEASE_TTL_MS,
          },
          condition: all(
            exists('pk'),
            missing('fencedAt'),
            ...(beat.generation === undefined ? [] : [equals('generation', beat.generation)]),
            ...(beat.bootId === undefined ? [] : [equals('bootId', beat.bootId)]),
          ),
        },
        WorkerItem,
      ),
    fence,
    prolong: (worker, leaseExpiresAt) =>
      table.update(
        workerKey(worker.workerId),
        {
          set: { leaseExpiresAt, updatedAt: iso() },
          // A fence raises it.
          condition: equals('generation', worker.generation),
        },
        WorkerItem,
      ),
    async noteAssigned({ workerId, generation }, assigned) {
      const change = { set: { assigned }, condition: equals('generation', generation) };
      await table.update(workerKey(workerId), change, WorkerItem);
    },
    setWanted: (workerId, wanted) =>
      table.update(
        workerKey(workerId),
        { set: { wanted, updatedAt: iso() }, condition: exists('pk') },
        WorkerItem,
      ),
  };
}
