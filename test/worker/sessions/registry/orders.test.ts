import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Assignment } from '../../../../shared/workers/schema.ts';
import { type Bench, SESSION, startBench } from '../../../../testing/worker/start-bench.ts';
import type { SessionRegistry } from '../../../../worker/sessions/ports.ts';
import type { Released } from '../../../../worker/sessions/registry/registry-deps.ts';
import { openAuth } from '../../../../worker/whatsapp/state/open-auth.ts';

let bench: Bench;
let registry: SessionRegistry;
let lease: { held: boolean; generation: number };
let told: Released[];
let onTold: () => void;
let gate: Promise<void>;
let opening: PromiseWithResolvers<void>;

beforeEach(async () => {
  bench = await startBench();
  lease = { held: true, generation: 1 };
  told = [];
  onTold = () => undefined;
  gate = Promise.resolve();
  opening = Promise.withResolvers();
  registry = bench.startWorker({
    settings: { maxSessions: 1, connectAnswerMs: 1 },
    lease: {
      isHeld: () => lease.held,
      get generation() {
        return lease.generation;
      },
    },
    openAuth: async (options) => {
      opening.resolve();
      await gate;
      return await openAuth(options);
    },
    tellReleased: async (released) => {
      told.push(released);
      onTold();
    },
    wait: async () => undefined,
  }).registry;
});
afterEach(() => bench.close());

const order = (fields: Partial<Assignment> = {}): Assignment => ({
  sessionId: SESSION,
  userId: 'user-1',
  generation: 1,
  epoch: 3,
  rev: 5,
  desired: 'connected',
  ...fields,
});
const start = (fields: Partial<Assignment> = {}) => {
  const { desired: _, ...input } = order(fields);
  return registry.start(input);
};
const heldEpochs = () => registry.list().map(({ epoch }) => epoch);
const stale = { code: 'STALE_OWNER' };

describe('a session that was let go', () => {
  beforeEach(async () => {
    await start();
    expect(await registry.release(SESSION, { generation: 1, epoch: 3, rev: 6 })).toMatchObject({
      sessionId: SESSION,
    });
  });

  test('is not taken up by an order from before, whichever way it comes', async () => {
    await expect(start()).rejects.toMatchObject(stale);
    await expect(start({ rev: 6 })).rejects.toMatchObject(stale);
    await expect(registry.connect(SESSION, { generation: 1, epoch: 3, rev: 5 })).rejects.toMatchObject(stale);
    await registry.converge([order()]);
    expect(heldEpochs()).toEqual([]);
  });

  test('is told of again as often as the order comes again', async () => {
    await registry.converge([order({ rev: 6, desired: 'released' })]);
    await registry.converge([order({ rev: 6, desired: 'released' })]);
    expect(told).toEqual([
      { sessionId: SESSION, epoch: 3, rev: 6, phoneNumber: null },
      { sessionId: SESSION, epoch: 3, rev: 6, phoneNumber: null },
    ]);
  });

  test('comes back under a new epoch', async () => {
    await registry.converge([order({ epoch: 4, rev: 7 })]);
    expect(heldEpochs()).toEqual([4]);
  });

  test('is released again without complaint, and not by an older command', async () => {
    const { release } = registry;
    expect(await release.call(registry, SESSION, { generation: 1, epoch: 3, rev: 6 })).toMatchObject({
      phoneNumber: null,
    });
    await expect(registry.release(SESSION, { generation: 1, epoch: 3, rev: 5 })).rejects.toMatchObject(stale);
  });
});

describe('an order that is refused', () => {
  test('of a lease that the worker does not know of yet is not carried out when it comes again', async () => {
    await expect(start({ generation: 2 })).rejects.toMatchObject(stale);
    lease.generation = 2;
    await registry.converge([order({ generation: 2 })]);
    expect(heldEpochs()).toEqual([]);
    expect(told).toMatchObject([{ epoch: 3, rev: 5 }]);
  });

  test('of a lease that is over changes nothing', async () => {
    await start();
    await expect(registry.disconnect(SESSION, { generation: 0, epoch: 3, rev: 9 })).rejects.toMatchObject(
      stale,
    );
    await registry.converge([order({ generation: 0, rev: 9, desired: 'released' })]);
    expect(heldEpochs()).toEqual([3]);
  });

  test('while no lease is held opens nothing', async () => {
    lease.held = false;
    await expect(start()).rejects.toMatchObject(stale);
    expect(heldEpochs()).toEqual([]);
  });

  test('to connect what is not here leaves nothing for a start that comes after it', async () => {
    await expect(registry.connect(SESSION, { generation: 1, epoch: 3, rev: 6 })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(start()).rejects.toMatchObject(stale);
  });

  test('for want of room is told, and not carried out once there is some', async () => {
    await start({ sessionId: 'user-1-other' });
    await expect(start()).rejects.toMatchObject({ code: 'WORKER_FULL' });
    await registry.converge([order({ sessionId: 'user-1-third', epoch: 1 })]);
    expect(told).toMatchObject([{ sessionId: 'user-1-third', epoch: 1, rev: 5 }]);
    await registry.release('user-1-other', { generation: 1, epoch: 3, rev: 6 });
    await registry.converge([order()]);
    expect(heldEpochs()).toEqual([]);
  });

  test('because storage is away is not carried out once storage is back', async () => {
    gate = Promise.reject(new Error('storage is away'));
    await expect(start()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    gate = Promise.resolve();
    await registry.converge([order()]);
    expect(heldEpochs()).toEqual([]);
    expect(told).toMatchObject([{ epoch: 3, rev: 5 }]);
  });
});

describe('a session that is being read', () => {
  let open: () => void;
  beforeEach(() => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    open = resolve;
  });

  test('does not connect under the old epoch where the worker has registered anew meanwhile', async () => {
    const restoring = registry.converge([order()]);
    await opening.promise;
    lease.held = false;
    await registry.fence();
    lease = { held: true, generation: 2 };
    open();
    expect(await restoring).toMatchObject([{ status: 'failed' }]);
    await registry.converge([order()]);
    expect(heldEpochs()).toEqual([]);
    await registry.converge([order({ generation: 2, epoch: 4, rev: 6 })]);
    expect(heldEpochs()).toEqual([4]);
  });

  test('does not connect where it is to be let go by then', async () => {
    const connecting = start();
    const refused = expect(connecting).rejects.toMatchObject(stale);
    await opening.promise;
    const releasing = registry.release(SESSION, { generation: 1, epoch: 3, rev: 6 });
    open();
    await Promise.all([refused, releasing]);
    expect(heldEpochs()).toEqual([]);
    expect(await bench.sandbox.devices('6281234567890')).toEqual([]);
  });
});
