import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, link, SESSION, startBench } from '../../../testing/worker/start-bench.ts';

describe('a journal that cannot be read', () => {
  let bench: Bench;
  let newestSnapshot: string;

  beforeAll(async () => {
    bench = await startBench({ linking: 'classic' });
    const worker = bench.startWorker();
    await link(bench, worker);
    await worker.registry.shutdown(async () => undefined);
    newestSnapshot = [...bench.store.objects.keys()].filter((key) => key.includes('/snapshot-')).at(-1) ?? '';
  });
  afterAll(() => bench.close());

  const start = (sessionId: string) =>
    bench.startWorker().registry.start({ sessionId, userId: 'user-1', epoch: 9, rev: 1 });

  async function spoil(change: (body: Uint8Array) => Uint8Array | undefined) {
    const good = bench.store.objects.get(newestSnapshot);
    if (good === undefined) throw new Error('there is no snapshot');
    const spoiled = change(Uint8Array.from(good));
    if (spoiled === undefined) bench.store.objects.delete(newestSnapshot);
    else bench.store.objects.set(newestSnapshot, spoiled);
    const before = new Map(bench.store.objects);
    return { before, restore: () => bench.store.objects.set(newestSnapshot, good) };
  }

  it('a journal that cannot be read puts the session into ERROR with a code and a sentence, overwrites nothing, and leaves others alone', async () => {
    const { before, restore } = await spoil((body) => {
      const middle = Math.floor(body.length / 2);
      body[middle] = (body[middle] ?? 0) ^ 1;
      return body;
    });
    const worker = bench.startWorker();
    const starting = worker.registry.start({ sessionId: SESSION, userId: 'user-1', epoch: 9, rev: 1 });
    await expect(starting).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringMatching(/\.$/) });
    expect(await worker.registry.status(SESSION)).toMatchObject({
      status: 'error',
      errorCode: 'JOURNAL_CORRUPT',
      error: expect.stringContaining('Nothing was overwritten'),
    });
    expect(bench.store.objects).toEqual(before);
    const other = await worker.registry.start({
      sessionId: 'user-1-other',
      userId: 'user-1',
      epoch: 1,
      rev: 1,
    });
    expect(other.status).toBe('qr_required');
    restore();
  });

  it('a journal that cannot be read is read again once it has been put right', async () => {
    expect((await start(SESSION)).status).toMatch(/connected|connecting/);
  });
});
