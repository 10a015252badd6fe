import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CountingStore } from '../../../../testing/storage/counting-store.ts';
import { MapStore } from '../../../../testing/storage/map-store.ts';
import { Journal } from '../../../../worker/storage/journal/journal.ts';
import type { JournalOptions } from '../../../../worker/storage/journal/journal-options.ts';
import { readJournal } from '../../../../worker/storage/journal/read-journal.ts';
import type { ObjectStore } from '../../../../worker/storage/object-store.ts';

type Extra = Partial<JournalOptions> & { authFloor?: number };

async function openJournal(store: ObjectStore, epoch: number, { authFloor, ...extra }: Extra = {}) {
  const read = await readJournal(store, 's-1', { epoch, authFloor });
  const journal = new Journal({
    store,
    sessionId: 's-1',
    epoch,
    read,
    backOff: { firstMs: 1, longestMs: 4 },
    onFault: () => undefined,
    onRecovered: () => undefined,
    ...extra,
  });
  journal.activate();
  return journal;
}

const contents = (journal: Journal) =>
  new Map(journal.state.entries().map(({ space, id, value }) => [`${space}/${id}`, value]));

const keysOf = (store: MapStore, word: string) =>
  [...store.objects.keys()].filter((key) => key.includes(word));

describe('a journal', () => {
  it('a journal is restored as it was, over random changes, crashes, orderly closes and new owners', async () => {
    const change = fc.record({
      type: fc.constant('change' as const),
      id: fc.nat(12).map(String),
      value: fc.option(fc.string({ maxLength: 300 }), { nil: undefined }),
      urgency: fc.constantFrom('binding' as const, 'soon' as const, 'idle' as const),
    });
    const event = fc.oneof(
      { weight: 20, arbitrary: change },
      { weight: 12, arbitrary: fc.constant({ type: 'barrier' as const }) },
      { weight: 1, arbitrary: fc.constant({ type: 'crash' as const }) },
      { weight: 1, arbitrary: fc.constant({ type: 'close' as const }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 400 }), fc.boolean(), async (events, sameEpoch) => {
        const store = new MapStore();
        let epoch = 1;
        let journal = await openJournal(store, epoch);
        let durable = new Map<string, string | undefined>();
        const reopen = async () => {
          if (!sameEpoch) epoch += 1;
          journal = await openJournal(store, epoch);
        };
        for (const next of events) {
          if (next.type === 'change') journal.append('keys', next.id, next.value, next.urgency);
          else if (next.type === 'barrier') {
            await journal.barrier();
            durable = contents(journal);
          } else if (next.type === 'close') {
            durable = contents(journal);
            await journal.close();
            await reopen();
            expect(contents(journal)).toEqual(durable);
          } else {
            journal.stop();
            await reopen();
            expect(contents(journal)).toEqual(durable);
          }
        }
        journal.stop();
      }),
      { numRuns: 60 },
    );
  });

  it('a journal holds a prefix of what happened, whenever it is cut off, and all that somebody waited for', async () => {
    const event = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({ type: fc.constant('change' as const), id: fc.nat(6).map(String) }),
      },
      { weight: 3, arbitrary: fc.constant({ type: 'wait' as const }) },
      { weight: 2, arbitrary: fc.constant({ type: 'pass' as const }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(event, { maxLength: 60 }), { maxLength: 5 }), async (lives) => {
        const store = new CountingStore(new MapStore(), 1);
        const models = [new Map<string, string>()];
        let epoch = 1;
        let journal = await openJournal(store, epoch, { gatherMs: 1 });
        for (const life of lives) {
          let waitedFor = 0;
          for (const next of life) {
            if (next.type === 'change') {
              const count = models.length;
              models.push(new Map(models.at(-1)).set(next.id, `at ${count}`));
              journal.append('keys', next.id, `at ${count}`, count % 2 ? 'binding' : 'received');
              journal.append('count', 'count', String(count), 'idle');
            } else if (next.type === 'pass') await new Promise((resolve) => setImmediate(resolve));
            else {
              const count = models.length - 1;
              const seen = journal.barrier().then(() => {
                waitedFor = Math.max(waitedFor, count);
              });
              if (count % 3 === 0) await seen;
              else seen.catch(() => undefined);
            }
          }
          journal.stop();
          epoch += 1;
          journal = await openJournal(store, epoch, { gatherMs: 1 });
          const count = Number(journal.state.get('count', 'count') ?? 0);
          expect(count).toBeGreaterThanOrEqual(waitedFor);
          expect(new Map(journal.state.entriesOf('keys'))).toEqual(models[count]);
          // What was not durable never happened.
          models.length = count + 1;
          await journal.barrier();
        }
        journal.stop();
      }),
      { numRuns: 40 },
    );
  });

  it('a journal writes what was appended before a barrier as one object', async () => {
    const store = new CountingStore(new MapStore());
    const journal = await openJournal(store, 1);
    await journal.barrier();
    store.resetCounts();
    for (let n = 0; n < 812; n++) journal.append('keys', `pre-key-${n}`, 'x'.repeat(100), 'binding');
    await Promise.all([journal.barrier(), journal.barrier()]);
    expect(store.counts).toMatchObject({ put: 1, get: 0, list: 0 });
  });

  it('a journal is read with a bounded number of requests, 16 at a time, and puts at most four times what changes', async () => {
    const map = new MapStore();
    const store = new CountingStore(map);
    const journal = await openJournal(store, 1);
    for (let n = 0; n < 300; n++) journal.append('keys', `fixed-${n}`, `${Math.random()}`.repeat(20), 'idle');
    await journal.barrier();
    store.resetCounts();
    let changed = 0;
    for (let n = 0; n < 4_321; n++) {
      const value = Array.from({ length: 40 }, () => Math.random().toString(36)).join('');
      changed += value.length;
      journal.append('keys', `chat-${n % 90}`, value, 'binding');
      await journal.barrier();
    }
    expect(store.counts.put).toBe(4_321);
    expect(store.putBytes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)).toBeLessThan(4 * changed);
    journal.stop();
    store.resetCounts();
    store.latencyMs = 2;
    const next = await openJournal(store, 2);
    await next.barrier();
    expect(contents(next)).toEqual(contents(journal));
    expect(store.counts.list + store.counts.get + store.counts.put).toBeLessThanOrEqual(66);
    expect(store.mostParallelGets).toBeLessThanOrEqual(16);
    next.stop();
  });

  it('a journal is read with three requests after an orderly close', async () => {
    const store = new CountingStore(new MapStore());
    const journal = await openJournal(store, 1);
    for (let n = 0; n < 50; n++) {
      journal.append('keys', `${n}`, 'value', 'binding');
      await journal.barrier();
    }
    await journal.close();
    store.resetCounts();
    const next = await openJournal(store, 2);
    await next.barrier();
    expect(store.counts).toMatchObject({ list: 1, get: 1, put: 1 });
    next.stop();
  });

  it('a journal tells of a missing part, and overwrites nothing', async () => {
    const store = new MapStore();
    const journal = await openJournal(store, 1);
    for (let n = 0; n < 6; n++) {
      journal.append('keys', `${n}`, 'value', 'binding');
      await journal.barrier();
    }
    journal.stop();
    const lost = keysOf(store, '/log-')[1] ?? '';
    store.objects.delete(lost);
    const before = [...store.objects.keys()];
    await expect(openJournal(store, 2)).rejects.toMatchObject({ code: 'JOURNAL_GAP' });
    expect([...store.objects.keys()]).toEqual(before);
  });

  it('a journal tells of a damaged part, and overwrites nothing', async () => {
    const store = new MapStore();
    const journal = await openJournal(store, 1);
    journal.append('keys', 'a', 'value', 'binding');
    await journal.barrier();
    journal.stop();
    const [key = ''] = keysOf(store, '/snapshot-');
    const body = store.objects.get(key) ?? new Uint8Array();
    body[body.length - 1] = (body.at(-1) ?? 0) ^ 1;
    const before = [...store.objects.keys()];
    await expect(openJournal(store, 2)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
    expect([...store.objects.keys()]).toEqual(before);
  });

  it('a journal ignores what an owner that was paused writes later', async () => {
    const store = new MapStore();
    const old = await openJournal(store, 1);
    old.append('keys', 'a', 'old', 'binding');
    await old.barrier();
    const next = await openJournal(store, 2);
    next.append('keys', 'a', 'new', 'binding');
    await next.barrier();
    old.append('keys', 'a', 'late', 'binding');
    await old.barrier();
    next.stop();
    const third = await openJournal(store, 3);
    expect(third.state.get('keys', 'a')).toBe('new');
    third.stop();
    old.stop();
  });

  it('a journal ignores a late write of an earlier opening of the same epoch', async () => {
    const store = new MapStore();
    const old = await openJournal(store, 1);
    await old.barrier();
    const next = await openJournal(store, 1);
    next.append('keys', 'a', 'new', 'binding');
    await next.barrier();
    old.append('keys', 'a', 'late', 'binding');
    await old.barrier();
    next.stop();
    old.stop();
    const third = await openJournal(store, 1);
    expect(third.state.get('keys', 'a')).toBe('new');
    third.stop();
  });

  it('a journal is not opened by an owner whose epoch has passed', async () => {
    const store = new MapStore();
    const journal = await openJournal(store, 5);
    await journal.barrier();
    journal.stop();
    await expect(openJournal(store, 4)).rejects.toMatchObject({ code: 'STALE_OWNER' });
  });

  it('a journal does not look below the floor of a session that was deleted', async () => {
    const store = new MapStore();
    const journal = await openJournal(store, 3);
    journal.append('keys', 'a', 'secret', 'binding');
    await journal.barrier();
    journal.stop();
    const next = await openJournal(store, 5, { authFloor: 4 });
    expect(next.state.entries()).toEqual([]);
    next.stop();
  });

  it('a journal keeps the snapshot of the epoch before its own for the lifecycle rule, and removes the rest', async () => {
    const store = new CountingStore(new MapStore());
    for (const epoch of [1, 2, 3]) {
      const journal = await openJournal(store, epoch);
      await journal.barrier();
      journal.append('keys', 'a', `value ${epoch}`, 'binding');
      await journal.barrier();
      store.resetCounts();
      journal.stop();
    }
    const last = await openJournal(store, 4);
    const before = await store.list('');
    expect(before.filter(({ key }) => key.includes('/000000000003/'))).toHaveLength(2);
    await last.barrier();
    await expect
      .poll(async () => (await store.list('')).map(({ key }) => key.split('/').slice(-2).join('/')))
      .toEqual([
        expect.stringContaining('000000000003/snapshot-'),
        expect.stringContaining('000000000004/snapshot-'),
      ]);
    expect(store.counts).toMatchObject({ put: 1, get: 2, retire: 1, delete: 1 });
    last.stop();
  });

  it('a journal begins with a snapshot again where the bucket was gone, which may come back empty', async () => {
    const objects = new MapStore();
    const store = new CountingStore(objects);
    const journal = await openJournal(store, 1);
    journal.append('keys', 'a', 'first', 'binding');
    await journal.barrier();
    let refusals = 3;
    store.fails = () => {
      refusals -= 1;
      if (refusals < 0) return undefined;
      objects.objects.clear();
      return Object.assign(new Error('gone'), { name: 'NoSuchBucket' });
    };
    journal.append('keys', 'b', 'second', 'binding');
    await journal.barrier();
    journal.stop();
    store.fails = undefined;
    const next = await openJournal(store, 2);
    expect(next.state.entries().map(({ id, value }) => [id, value])).toEqual([
      ['a', 'first'],
      ['b', 'second'],
    ]);
    next.stop();
  });

  it('a journal is read although a part was damaged on its way, as long as it is whole in storage', async () => {
    const store = new MapStore();
    const journal = await openJournal(store, 1);
    journal.append('keys', 'a', 'value', 'binding');
    await journal.barrier();
    journal.stop();
    const get = store.get.bind(store);
    let cut = 1;
    store.get = async (key) => {
      const body = await get(key);
      cut -= 1;
      return cut < 0 ? body : body?.subarray(0, body.length / 2);
    };
    const next = await openJournal(store, 2);
    expect(next.state.get('keys', 'a')).toBe('value');
    next.stop();
  });

  it('a journal tells of a storage that fails, takes changes meanwhile, and goes on by itself', async () => {
    const store = new CountingStore(new MapStore());
    const told: string[] = [];
    const journal = await openJournal(store, 1, {
      mostPendingBytes: 5_000,
      onFault: () => told.push('fault'),
      onRecovered: () => told.push('recovered'),
    });
    await journal.barrier();
    let refused = 0;
    store.fails = () => {
      refused += 1;
      return refused > 6 ? undefined : new Error('503');
    };
    journal.append('keys', 'a', 'first', 'binding');
    const first = journal.barrier();
    journal.append('keys', 'b', 'y'.repeat(6_000), 'binding');
    expect(() => journal.ensureRoom()).toThrow(expect.objectContaining({ code: 'STORAGE_UNAVAILABLE' }));
    await Promise.all([first, journal.barrier()]);
    expect(() => journal.ensureRoom()).not.toThrow();
    expect(told).toEqual([...Array(6).fill('fault'), 'recovered']);
    journal.stop();
    const next = await openJournal(store, 2);
    expect(next.state.get('keys', 'b')).toBe('y'.repeat(6_000));
    next.stop();
  });

  it('a journal writes nothing for what was taken back before it was written', async () => {
    const store = new CountingStore(new MapStore());
    const journal = await openJournal(store, 1);
    await journal.barrier();
    store.resetCounts();
    journal.append('reports', 'r-1', 'a report', 'soon');
    journal.append('reports', 'r-1', undefined, 'idle');
    await journal.barrier();
    expect(store.counts.put).toBe(0);
    journal.stop();
  });

  it('a journal does not count what was taken back, or replaced, as waiting while storage is away', async () => {
    const store = new CountingStore(new MapStore());
    const journal = await openJournal(store, 1, { mostPendingBytes: 10_000 });
    await journal.barrier();
    store.fails = () => new Error('503');
    for (let n = 0; n < 100; n += 1) {
      journal.append('reports', `r-${n}`, 'x'.repeat(1_000), 'idle');
      journal.append('reports', `r-${n}`, undefined, 'idle');
      journal.append('keys', 'ratchet', String(n).repeat(1_000), 'idle');
    }
    expect(() => journal.ensureRoom()).not.toThrow();
    expect(journal.backlog.bytes).toBeLessThan(3_000);
    journal.stop();
  });

  it('a journal writes nothing of its own for what nobody hurries, until the session has been at rest for a minute', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const store = new CountingStore(new MapStore());
    const journal = await openJournal(store, 1);
    await journal.barrier();
    store.resetCounts();
    // A receipt: its report is accepted before long, its step of the history is for whatever is written next.
    journal.append('reports', 'r-1', 'delivered', 'soon');
    journal.append('history', 'm-1', 'delivered', 'idle');
    journal.append('reports', 'r-1', undefined, 'idle');
    await vi.advanceTimersByTimeAsync(59_000);
    expect(store.counts.put).toBe(0);
    const written = journal.whenWritten();
    await vi.advanceTimersByTimeAsync(1_000);
    await written;
    expect(store.counts.put).toBe(1);
    journal.append('reports', 'r-2', 'read', 'soon');
    const reported = journal.whenWritten();
    await vi.advanceTimersByTimeAsync(1_000);
    await reported;
    expect(store.counts.put).toBe(2);
    journal.stop();
  });

  it('a journal lets those who hurry nothing wait for what is left to write, and not for what was taken back', async () => {
    const store = new CountingStore(new MapStore());
    const journal = await openJournal(store, 1);
    await journal.barrier();
    journal.append('reports', 'r-1', 'a report', 'idle');
    const takenBack = journal.whenWritten();
    journal.append('reports', 'r-1', undefined, 'idle');
    await takenBack;
    const writing = Promise.withResolvers<void>();
    const put = store.put.bind(store);
    store.put = async (...args) => {
      await writing.promise;
      await put(...args);
    };
    const told: string[] = [];
    journal.append('history', 'step', 'delivered', 'idle');
    journal.append('reports', 'r-2', 'a report', 'idle');
    const written = journal.whenWritten().then(() => told.push('written'));
    journal.append('reports', 'r-2', undefined, 'idle');
    const durable = journal.barrier().then(() => told.push('durable'));
    // In flight now, and nothing else is left.
    await new Promise((resolve) => setImmediate(resolve));
    const later = journal.whenWritten().then(() => told.push('later'));
    expect(told).toEqual([]);
    writing.resolve();
    await Promise.all([written, durable, later]);
    await journal.whenWritten();
    journal.stop();
    await expect(journal.whenWritten()).rejects.toMatchObject({ code: 'JOURNAL_CLOSED' });
  });

  it('a journal rejects whoever waits when it is stopped', async () => {
    const store = new CountingStore(new MapStore());
    const journal = await openJournal(store, 1);
    store.fails = () => new Error('503');
    const waiting = journal.barrier();
    journal.stop();
    await expect(waiting).rejects.toMatchObject({ code: 'JOURNAL_CLOSED' });
  });
});
