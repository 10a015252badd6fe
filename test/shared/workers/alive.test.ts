import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NO_BUCKET } from '../../../shared/objects/open-bucket.ts';
import { aliveKey, readAliveUntil } from '../../../shared/workers/alive.ts';
import { LEASE_MARGIN_MS, LEASE_TTL_MS } from '../../../shared/workers/worker-item.ts';

const WORKER = { workerId: 'one', bootId: 'boot-1', generation: 3 };
const body = Buffer.from(JSON.stringify({ bootId: 'boot-1', generation: 3 }));

/** Writes by the time each was sent, how long it took to arrive, and how long until it was acknowledged. */
const writes = fc.array(fc.record({ pause: fc.nat(60_000), travel: fc.nat(5_000), answer: fc.nat(5_000) }), {
  maxLength: 8,
});

it('never calls a lease over that its worker still holds, whatever writes and answers take', async () => {
  await fc.assert(
    fc.asyncProperty(writes, fc.nat(1_000_000), async (sequence, readAt) => {
      let now = 0;
      let heldUntil = LEASE_TTL_MS;
      let arrivedAt: number | undefined;
      for (const { pause, travel, answer } of sequence) {
        const sentAt = now + pause;
        if (sentAt >= heldUntil || sentAt > readAt) break;
        if (sentAt + travel <= readAt) arrivedAt = sentAt + travel;
        now = sentAt + travel + answer;
        // As `Lease.extend`: an acknowledgement that comes too late is worth nothing.
        if (now < heldUntil && now <= readAt) heldUntil = sentAt + LEASE_TTL_MS;
      }
      const modifiedAt = arrivedAt;
      const until = await readAliveUntil(
        {
          ...NO_BUCKET,
          list: async (key) => (modifiedAt === undefined ? [] : [{ key, sizeBytes: 1, modifiedAt }]),
          get: async () => body,
        },
        WORKER,
      );
      const isOver = readAt >= Math.max(until, LEASE_TTL_MS) + LEASE_MARGIN_MS;
      if (isOver) expect(readAt).toBeGreaterThanOrEqual(heldUntil);
    }),
  );
});

it('looks for the one key of the worker, and for no object beside it', async () => {
  const beside = `${aliveKey(WORKER.workerId)}-and-more`;
  const objects = { list: async () => [{ key: beside, sizeBytes: 1, modifiedAt: 5 }], get: async () => body };
  expect(await readAliveUntil(objects, WORKER)).toBe(0);
});
