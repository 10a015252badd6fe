import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { superviseWorkers } from '../../../../functions/workers/supervision/supervise-workers.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { NO_BUCKET } from '../../../../shared/objects/open-bucket.ts';
import { aliveKey } from '../../../../shared/workers/alive.ts';
import { LEASE_MARGIN_MS, LEASE_TTL_MS } from '../../../../shared/workers/worker-item.ts';
import {
  type ControlPlane,
  startControlPlane,
  WORKER_TOKEN,
} from '../../../../testing/control-plane/control-plane.ts';
import { type FakeWorker, startFakeWorker } from '../../../../testing/control-plane/fake-worker.ts';
import { connectedSession, readSession } from '../../../../testing/control-plane/scenario.ts';

const BUCKET = 'gateway';
const BOOT = 'boot-1';
const OVER_MS = LEASE_TTL_MS + LEASE_MARGIN_MS;

let plane: ControlPlane;
let worker: FakeWorker;
let spare: FakeWorker;
/** What is in the bucket, and since when by the bucket's clock; an error instead of an answer. */
let alive: { body: string; modifiedAt: number } | Error | undefined;
let reads: number;

beforeEach(async () => {
  alive = undefined;
  reads = 0;
  const key = aliveKey('one');
  plane = await startControlPlane({
    objects: {
      ...NO_BUCKET,
      list: async (prefix) => {
        reads += 1;
        if (alive instanceof Error) throw alive;
        return alive === undefined || prefix !== key
          ? []
          : [{ key, sizeBytes: 1, modifiedAt: alive.modifiedAt }];
      },
      get: async () => (alive === undefined || alive instanceof Error ? undefined : Buffer.from(alive.body)),
    },
  });
  plane.deps.config.bucket = BUCKET;
  [worker, spare] = await Promise.all([startFakeWorker(), startFakeWorker()]);
});
afterEach(() => Promise.all([worker.close(), spare.close(), plane.close()]));

function register(workerId: string, endpoint: string, bucket = BUCKET) {
  return plane.call<{ lease: { overBucket?: boolean } }>('POST', '/api/v1/workers/register', {
    token: WORKER_TOKEN,
    body: { workerId, endpoint, bucket, bootId: BOOT, maxSessions: 5, version: '1', environment: 'testing' },
  });
}

const write = (ago = 0, body: object = { bootId: BOOT, generation: 1 }) => {
  alive = { body: JSON.stringify(body), modifiedAt: plane.clock.now - ago };
};
const look = () => superviseWorkers(plane.deps, { requestId: 'look' });
const isFenced = async () => (await plane.deps.stores.workers.get('one'))?.fencedAt !== undefined;

async function ownedSession(): Promise<{ sessionId: string; token: string }> {
  const { token } = await plane.signUp();
  await register('one', worker.endpoint);
  const owner = { workerId: 'one', endpoint: worker.endpoint };
  return { sessionId: (await connectedSession(plane, token, owner)).sessionId, token };
}

describe('a worker whose heartbeats fail', () => {
  it('a worker whose heartbeats fail keeps its sessions for as long as it writes into the bucket, and nobody else gets them', async () => {
    const { sessionId } = await ownedSession();
    for (let round = 0; round < 10; round += 1) {
      plane.clock.now += OVER_MS + 1;
      write(20_000);
      await register('two', spare.endpoint);
      expect(await look()).toEqual([]);
    }
    expect(await readSession(plane, sessionId)).toMatchObject({
      workerId: 'one',
      epoch: 1,
      status: 'CONNECTED',
    });
  });

  it('a worker whose heartbeats fail may heartbeat again afterwards, as if nothing had been', async () => {
    await ownedSession();
    plane.clock.now += OVER_MS + 1;
    write();
    await look();
    const { status } = await plane.call('PUT', '/api/v1/workers/one/heartbeat', {
      token: WORKER_TOKEN,
      body: { status: 'ONLINE', bootId: BOOT, generation: 1, sessions: [] },
    });
    expect(status).toBe(200);
  });

  it('a worker whose heartbeats fail is fenced within lease and margin of its last write, once it is really dead', async () => {
    await ownedSession();
    plane.clock.now += LEASE_TTL_MS;
    write();
    const diedAt = plane.clock.now;
    while (!(await isFenced())) {
      plane.clock.now += 5_000;
      await look();
    }
    expect(plane.clock.now - diedAt).toBeLessThanOrEqual(OVER_MS + 5_000);
    expect(plane.clock.now - diedAt).toBeGreaterThanOrEqual(OVER_MS);
  });

  it.each([
    ['another process of it', { bootId: 'boot-0', generation: 1 }],
    ['an earlier registration of it', { bootId: BOOT, generation: 0 }],
    ['nobody of ours', { hello: 'world' }],
  ])('a worker whose heartbeats fail is fenced where %s has written', async (_, body) => {
    await ownedSession();
    plane.clock.now += OVER_MS + 1;
    write(0, body);
    await look();
    expect(await isFenced()).toBe(true);
  });

  it('a worker whose heartbeats fail is fenced without a look into the bucket where it writes into another one', async () => {
    const { data } = await register('one', worker.endpoint, 'somebody-elses');
    expect(data.lease.overBucket).toBe(false);
    plane.clock.now += OVER_MS + 1;
    write();
    await look();
    expect([await isFenced(), reads]).toEqual([true, 0]);
  });

  it('a worker whose heartbeats fail is not fenced while the bucket cannot be read, and is once it can', async () => {
    await ownedSession();
    plane.clock.now += OVER_MS + 1;
    alive = new AppError('STORAGE_UNAVAILABLE', 'Not now.');
    await look();
    expect(await isFenced()).toBe(false);
    alive = undefined;
    await look();
    expect(await isFenced()).toBe(true);
  });

  it('a worker whose heartbeats fail is fenced by nobody who has not looked: not by a connect, and not by another worker of its name', async () => {
    const { sessionId, token } = await ownedSession();
    plane.clock.now += OVER_MS + 1;
    write();
    await plane.call('POST', `/api/v1/sessions/${sessionId}/connect`, { token });
    expect(await readSession(plane, sessionId)).toMatchObject({ workerId: 'one', epoch: 1 });
    const taken = await register('one', spare.endpoint);
    expect(taken.code).toBe('WORKER_EXISTS');
    expect(await isFenced()).toBe(false);
  });
});
