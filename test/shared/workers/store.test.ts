import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HeartbeatBody } from '../../../shared/workers/heartbeat.ts';
import { WorkerRegistration } from '../../../shared/workers/schema.ts';
import { createWorkerStore, type WorkerStore } from '../../../shared/workers/store.ts';
import { isLive, LEASE_MARGIN_MS, LEASE_TTL_MS } from '../../../shared/workers/worker-item.ts';
import { type LocalTable, startLocalTable } from '../../../testing/control-plane/local-table.ts';

let local: LocalTable;
let workers: WorkerStore;
const clock = { now: 0 };
let port = 8000;
let workerId: string;
let endpoint: string;
beforeAll(async () => {
  local = await startLocalTable();
  workers = createWorkerStore(local.table, () => clock.now);
});
afterAll(() => local.close());
beforeEach(() => {
  clock.now = Date.parse('2026-01-01T00:00:00Z');
  port += 1;
  workerId = `w-${port}`;
  endpoint = `http://10.0.0.1:${port}`;
});

const register = (fields: object = {}) =>
  workers.register(
    WorkerRegistration.parse({
      workerId,
      endpoint,
      maxSessions: 50,
      version: '1',
      environment: 'testing',
      bootId: 'boot-1',
      ...fields,
    }),
  );
const beat = (fields: object = {}) =>
  workers.heartbeat(workerId, HeartbeatBody.parse({ status: 'online', ...fields }));
const leaseOver = () => {
  clock.now += LEASE_TTL_MS + LEASE_MARGIN_MS + 1;
};

describe('registration', () => {
  it('repeated by the same process changes nothing', async () => {
    expect(await register()).toMatchObject({ newProcess: true, worker: { generation: 1 } });
    expect(await register()).toMatchObject({ newProcess: false, worker: { generation: 1 } });
  });

  it('by a new process on the same endpoint proves the old one dead', async () => {
    await register();
    expect(await register({ bootId: 'boot-2' })).toMatchObject({
      newProcess: true,
      worker: { generation: 2 },
    });
    expect(await beat({ generation: 1, bootId: 'boot-1' })).toBeUndefined();
    expect(await beat({ generation: 2, bootId: 'boot-2' })).toMatchObject({ generation: 2 });
  });

  it('of an id that lives at another endpoint is refused, and taken once that one is gone', async () => {
    await register();
    const moved = { endpoint: `${endpoint}/second`, bootId: 'boot-2' };
    expect(await register(moved)).toEqual({ outcome: 'taken' });
    leaseOver();
    expect(await register(moved)).toMatchObject({ newProcess: true, worker: { generation: 2 } });
  });

  it('at the endpoint of another live worker is refused, and taken once that one is gone', async () => {
    await register();
    const other = { workerId: `${workerId}-other`, bootId: 'boot-2' };
    expect(await register(other)).toEqual({ outcome: 'taken' });
    leaseOver();
    expect(await register(other)).toMatchObject({ outcome: 'registered' });
  });

  it('by many processes at once never lets one endpoint have two workers', async () => {
    const tries = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        register({ workerId: `${workerId}-${index}`, bootId: `b${index}` }),
      ),
    );
    expect(tries.filter(({ outcome }) => outcome === 'registered').length).toBeLessThanOrEqual(1);
    const live = (await workers.list()).filter(
      (worker) => worker.endpoint === endpoint && isLive(worker, clock.now),
    );
    expect(live.length).toBeLessThanOrEqual(1);
  });

  it('is taken from workers that have no boot id, each time as a new process', async () => {
    await register({ bootId: undefined });
    expect(await register({ bootId: undefined })).toMatchObject({
      newProcess: true,
      worker: { generation: 2, fencesItself: false },
    });
  });
});

describe('the lease', () => {
  it('goes on with each heartbeat', async () => {
    await register();
    clock.now += LEASE_TTL_MS - 1;
    const worker = await beat({ generation: 1 });
    clock.now += LEASE_TTL_MS - 1;
    expect(worker !== undefined && isLive(worker, clock.now)).toBe(true);
  });

  it('cannot be fenced while it lasts, margin included, except after proven death', async () => {
    const registered = await register();
    if (registered.outcome !== 'registered') throw new Error('not registered');
    clock.now += LEASE_TTL_MS + LEASE_MARGIN_MS;
    expect(await workers.fence(registered.worker, 'lease-over')).toBeUndefined();
    expect(await workers.fence(registered.worker, 'dead')).toMatchObject({
      generation: 2,
      status: 'OFFLINE',
    });
  });

  it('once fenced is not revived by heartbeats, of any form', async () => {
    const registered = await register();
    leaseOver();
    if (registered.outcome !== 'registered') throw new Error('not registered');
    expect(await workers.fence(registered.worker, 'lease-over')).toBeDefined();
    expect(await beat({ generation: 1 })).toBeUndefined();
    expect(await beat()).toBeUndefined();
    expect(await register()).toEqual({ outcome: 'past' });
    expect(await register({ bootId: 'the-next' })).toMatchObject({
      newProcess: true,
      worker: { generation: 3 },
    });
  });

  it('is not fenced on an old reading: a heartbeat in between keeps the worker alive', async () => {
    const registered = await register();
    if (registered.outcome !== 'registered') throw new Error('not registered');
    leaseOver();
    await beat({ generation: 1 });
    expect(await workers.fence(registered.worker, 'lease-over')).toBeUndefined();
  });

  it('of an unknown worker does not come into being by a heartbeat', async () => {
    expect(await beat()).toBeUndefined();
    expect(await workers.get(workerId)).toBeUndefined();
  });
});

describe('the list of workers', () => {
  it('shows load as it was last reported', async () => {
    await register();
    await beat({ generation: 1, metrics: { sessions: { total: 3, connected: 3 }, cpuUsage: 40 } });
    const found = (await workers.list()).find((worker) => worker.workerId === workerId);
    expect(found).toMatchObject({ breakdown: { total: 3, connected: 3 }, cpuUsage: 40 });
  });
});
