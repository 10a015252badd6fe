import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  decodeRecords,
  encodeRecord,
  type HistoryMessage,
  type HistoryRecord,
} from '../../../../shared/messages/history/history-record.ts';
import { readHistory, readHistoryMessage } from '../../../../shared/messages/history/read-history.ts';
import type { HistoryReading } from '../../../../shared/messages/history/scan-history.ts';
import { MESSAGE_STATUSES } from '../../../../shared/messages/schema.ts';
import { CountingStore } from '../../../../testing/storage/counting-store.ts';
import { MapStore } from '../../../../testing/storage/map-store.ts';
import {
  changeRecord,
  message,
  messageRecord,
  messageRecords,
  query,
  SESSION,
  START,
  statusRecord,
  writeParts,
} from './history-fixture.ts';

let store: CountingStore;
beforeEach(() => {
  store = new CountingStore(new MapStore());
});

async function readAll(limit: number, reading: HistoryReading = {}): Promise<HistoryMessage[]> {
  const read: HistoryMessage[] = [];
  for (let more = true; more; ) {
    const page = await readHistory(store, SESSION, query({ limit, offset: read.length }), reading);
    read.push(...page.messages);
    more = page.hasMore;
  }
  return read;
}

it('a record is read as it was written, whatever is in it', () => {
  const at = '2026-11-21T01:02:03.000Z';
  const status = fc.constantFrom(...MESSAGE_STATUSES);
  const record = fc.oneof(
    fc.record({
      kind: fc.constant('message' as const),
      at: fc.constant(at),
      message: fc.record({
        id: fc.string({ minLength: 1 }),
        direction: fc.constantFrom('inbound' as const, 'outbound' as const),
        chatId: fc.string(),
        from: fc.string(),
        to: fc.string(),
        type: fc.string(),
        content: fc.option(fc.string({ unit: 'binary' })),
        timestamp: fc.constant(at),
        status,
      }),
    }),
    fc.record({ kind: fc.constant('status' as const), at: fc.constant(at), id: fc.string(), status }),
  );
  fc.assert(
    fc.property(fc.array(record), (records) => {
      expect(decodeRecords(Buffer.from(records.map(encodeRecord).join('')))).toEqual(records);
    }),
  );
});

describe('a listing', () => {
  it('a listing pages through every message once, the newest first, over days and whatever the parts', async () => {
    const all = messageRecords(300);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 100 }),
        async (batch, limit) => {
          store = new CountingStore(new MapStore());
          await writeParts(store, all, batch);
          expect((await readHistory(store, SESSION, query({ limit }))).total).toBe(300);
          const read = await readAll(limit);
          expect(read.map(({ id }) => id)).toEqual(all.map((_, n) => `M-${299 - n}`));
        },
      ),
      { numRuns: 10 },
    );
  });

  it('a listing shows the status a message has reached, also where a later part tells of it, on every page', async () => {
    const steps: HistoryRecord[] = [statusRecord(2, 'delivered'), statusRecord(2, 'read')];
    await writeParts(store, [...messageRecords(200), ...steps, statusRecord(2, 'delivered')], 20);
    const page = await readHistory(store, SESSION, query({ limit: 10, offset: 190 }));
    expect(page.messages.find(({ id }) => id === 'M-2')?.status).toBe('read');
  });

  it('a listing shows what was said of a message later on, and counts it as no message', async () => {
    const revoked = changeRecord(3, { change: 'revoked', content: null });
    const reaction = changeRecord(4, { change: 'reaction', content: '👍' });
    const said = [changeRecord(2), revoked, reaction];
    await writeParts(store, [...messageRecords(5), ...said], 2);
    const page = await readHistory(store, SESSION, query());
    expect([page.total, page.messages.length]).toEqual([5, 5]);
    expect(page.messages.map(({ content }) => content)).toEqual([
      'text 4',
      null,
      'edited 2',
      'text 1',
      'text 0',
    ]);
    expect(page.messages[0]?.reactions).toMatchObject([{ emoji: '👍' }]);
    const late = await readHistory(store, SESSION, query({ limit: 2, offset: 1 }));
    expect(late.messages).toEqual(page.messages.slice(1, 3));
    expect((await readHistoryMessage(store, SESSION, 'M-3'))?.message).toEqual(page.messages[1]);
  });

  it('a listing shows a message once that was written twice', async () => {
    await writeParts(store, [messageRecord(1), messageRecord(2), messageRecord(1, { content: 'better' })], 1);
    const { messages } = await readHistory(store, SESSION, query());
    expect(messages.map(({ content }) => content)).toEqual(['better', 'text 2']);
  });

  it('a listing takes messages of the same id in two chats for two', async () => {
    await writeParts(store, [messageRecord(1), messageRecord(1, { chatId: '77@lid' })], 2);
    expect((await readHistory(store, SESSION, query())).messages).toHaveLength(2);
  });

  it('a listing counts and shows what the owner has not written yet, once, while it is being written', async () => {
    await writeParts(store, messageRecords(3), 3);
    const [{ key } = { key: '' }] = await store.list('sessions/');
    const unwritten = () => [
      { key, records: messageRecords(3) },
      { key: 'under way', records: [messageRecord(3)] },
      { records: [messageRecord(4), statusRecord(2, 'read')] },
    ];
    const { messages, total } = await readHistory(store, SESSION, query(), { unwritten });
    expect(messages.map(({ id }) => id)).toEqual(['M-4', 'M-3', 'M-2', 'M-1', 'M-0']);
    expect(messages[2]?.status).toBe('read');
    expect(total).toBe(5);
  });

  it('a listing leaves out what a deleted session of the same name wrote', async () => {
    await writeParts(store, messageRecords(3), 3, 1);
    await writeParts(store, [messageRecord(7)], 1, 4);
    const { messages, total } = await readHistory(store, SESSION, query(), { firstEpoch: 3 });
    expect([messages.map(({ id }) => id), total]).toEqual([['M-7'], 1]);
  });

  it('a listing passes over what is damaged or of a newer release', async () => {
    await writeParts(store, messageRecords(2), 2);
    const [{ key } = { key: '' }] = await store.list('sessions/');
    const body = Buffer.from((await store.get(key)) ?? []).toString();
    await store.put(key, Buffer.from(`{"kind":"poem"}\n${body}{"kind":"mess`));
    expect((await readHistory(store, SESSION, query())).messages).toHaveLength(2);
  });
});

describe('filters', () => {
  it('filters find by direction, person, type, status and time, and count what fits', async () => {
    const other = { chatId: '77@lid', to: '62877@s.whatsapp.net' };
    await writeParts(
      store,
      messageRecords(100, (n) => (n === 50 ? other : {})),
      30,
    );
    const count = async (given: Parameters<typeof query>[0]) => {
      const page = await readHistory(store, SESSION, query({ limit: 5, ...given }));
      expect(page.messages).toHaveLength(Math.min(5, page.total));
      expect(page.hasMore).toBe(page.total > 5);
      return page.total;
    };
    expect(await count({ direction: 'inbound' })).toBe(50);
    expect(await count({ with: '+62877' })).toBe(1);
    expect(await count({ with: '77@lid' })).toBe(1);
    expect(await count({ type: 'image' })).toBe(20);
    expect(await count({ status: 'sent', type: 'image' })).toBe(10);
    expect(await count({ from: message(90).timestamp })).toBe(10);
    expect(await count({ to: message(9).timestamp })).toBe(10);
    expect(await count({ to: '2026-11-20T00:09:00+02:00' })).toBe(10);
  });

  it('filters by status see the status that was reached', async () => {
    await writeParts(store, [...messageRecords(40), statusRecord(2, 'read')], 5);
    const { messages } = await readHistory(store, SESSION, query({ status: 'read' }));
    expect(messages.map(({ id }) => id)).toEqual(['M-2']);
  });

  it('filters reach all of a history that is larger than what one call looks at', async () => {
    await writeParts(store, messageRecords(300), 3);
    const bounds = { mostParts: 10 };
    const found: string[] = [];
    let to: string | undefined = message(200).timestamp;
    let calls = 0;
    for (; to !== undefined; calls += 1) {
      store.resetCounts();
      const page: Awaited<ReturnType<typeof readHistory>> = await readHistory(
        store,
        SESSION,
        query({ direction: 'inbound', limit: 100, to }),
        { bounds },
      );
      expect(store.counts.get).toBeLessThanOrEqual(10 + 64 + 8);
      found.push(...page.messages.map(({ id }) => id));
      to = page.searchedBackTo;
    }
    expect(calls).toBeGreaterThan(2);
    expect([...new Set(found)]).toEqual(Array.from({ length: 100 }, (_, n) => `M-${199 - 2 * n}`));
  });
});

describe('what a reading costs', () => {
  it('what a reading costs is one LIST and the parts of the page, wherever that is', async () => {
    await writeParts(store, messageRecords(3_000), 10);
    store.resetCounts();
    await readHistory(store, SESSION, query({ limit: 20 }));
    expect(store.counts).toMatchObject({ list: 1, get: 8 });
    store.resetCounts();
    await readHistory(store, SESSION, query({ limit: 20, offset: 2_500 }));
    expect(store.counts.get).toBeLessThanOrEqual(64 + 8 + 8);
  });

  it('what a reading costs is bounded in objects that are held at one time', async () => {
    await writeParts(store, messageRecords(3_000), 10);
    await readHistory(store, SESSION, query({ type: 'image' }));
    expect(store.mostParallelGets).toBeLessThanOrEqual(8);
  });
});

describe('one message', () => {
  it('one message is found with the steps of its status, oldest first', async () => {
    const steps: HistoryRecord[] = [statusRecord(2, 'delivered'), statusRecord(2, 'read')];
    await writeParts(store, [...messageRecords(200), ...steps, statusRecord(2, 'delivered')], 20);
    const found = await readHistoryMessage(store, SESSION, 'M-2');
    expect(found?.message.status).toBe('read');
    expect(found?.timeline.map(({ status }) => status)).toEqual(['delivered', 'read']);
    expect(await readHistoryMessage(store, SESSION, 'M-404')).toBeUndefined();
  });

  it('one message of somebody else gets no status of ours with the same id', async () => {
    await writeParts(store, [messageRecord(1), statusRecord(1, 'failed')], 2);
    expect((await readHistoryMessage(store, SESSION, 'M-1'))?.message.status).toBe('delivered');
  });
});

it('a listing reads a fold where the parts it began with are gone', async () => {
  await writeParts(store, messageRecords(3), 3);
  const [{ key } = { key: '' }] = await store.list('sessions/');
  const body = (await store.get(key)) ?? new Uint8Array();
  const day = new Date(START).toISOString().slice(0, 10);
  const at = /\/(\d{15})-/.exec(key)?.[1];
  let folded = false;
  store.fails = (operation) => {
    if (operation !== 'get' || folded) return undefined;
    folded = true;
    void store.put(`sessions/${SESSION}/messages/${day}/${at}-${at}-1-fold-3.ndjson`, body);
    void store.delete([key]);
    return undefined;
  };
  expect((await readHistory(store, SESSION, query())).messages).toHaveLength(3);
});
