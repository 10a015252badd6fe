import { beforeEach, describe, expect, it } from 'vitest';
import { identityOf } from '../../../../shared/messages/history/history-record.ts';
import { readHistory } from '../../../../shared/messages/history/read-history.ts';
import { CountingStore } from '../../../../testing/storage/counting-store.ts';
import { MapStore } from '../../../../testing/storage/map-store.ts';
import {
  type HistoryOutbox,
  HistoryWriter,
  type HistoryWriterOptions,
} from '../../../../worker/storage/history/history-writer.ts';
import {
  changeRecord,
  messageRecord,
  messageRecords,
  query,
  SESSION,
  START,
  statusRecord,
} from '../../../shared/messages/history/history-fixture.ts';

/** The part of a journal that holds what is not written yet. */
class MapOutbox implements HistoryOutbox {
  readonly lines = new Map<string, string>();

  append(identity: string, line: string): void {
    this.lines.delete(identity);
    this.lines.set(identity, line);
  }

  pending() {
    return [...this.lines];
  }

  settle(identities: readonly string[]): void {
    for (const identity of identities) this.lines.delete(identity);
  }
}

let store: CountingStore;
let outbox: MapOutbox;
beforeEach(() => {
  store = new CountingStore(new MapStore());
  outbox = new MapOutbox();
});

const openWriter = (options: Partial<HistoryWriterOptions> = {}) =>
  new HistoryWriter({
    store,
    sessionId: SESSION,
    epoch: () => 1,
    outbox: () => outbox,
    backOff: { firstMs: 1, longestMs: 2 },
    now: () => START + 3_600_000,
    ...options,
  });
const readIds = async (writer?: HistoryWriter) => {
  const page = await (writer === undefined
    ? readHistory(store, SESSION, query())
    : writer.read((unwritten) => readHistory(store, SESSION, query(), { unwritten })));
  expect(page.total).toBe(page.messages.length);
  return page.messages.map(({ id }) => id);
};

describe('a session’s history', () => {
  it('a session’s history is written in parts of many records, and again where storage fails', async () => {
    let failures = 2;
    store.fails = () => {
      failures -= 1;
      return failures < 0 ? undefined : new Error('503');
    };
    const writer = openWriter({ mostRecords: 50 });
    for (const record of messageRecords(100)) writer.add(record);
    await writer.flush();
    expect(store.counts.put).toBe(2 + 2);
    expect((await readHistory(store, SESSION, query({ limit: 1 }))).total).toBe(100);
  });

  it('a session’s history is in the journal until it is durable, and no longer', async () => {
    const writer = openWriter();
    for (const record of messageRecords(3)) writer.add(record);
    expect(outbox.lines.size).toBe(3);
    await writer.flush();
    expect(outbox.lines.size).toBe(0);
  });

  it('a session’s history never has what was said of a message in an earlier part than the message itself', async () => {
    const writer = openWriter();
    writer.add(messageRecord(1), 'open');
    writer.add(changeRecord(1));
    writer.add(messageRecord(2));
    await writer.flush();
    expect(outbox.lines.size).toBe(2);
    writer.add(messageRecord(1));
    await writer.flush();
    expect(outbox.lines.size).toBe(0);
    const { messages } = await readHistory(store, SESSION, query());
    expect(messages.find(({ id }) => id === 'M-1')).toMatchObject({ content: 'edited 1' });
  });

  it('a session’s history is read whole by its owner before, while and after it is written', async () => {
    const writer = openWriter();
    for (const record of messageRecords(2)) writer.add(record);
    expect(await readIds(writer)).toEqual(['M-1', 'M-0']);
    const { promise: release, resolve } = Promise.withResolvers<void>();
    const underWay = store.put.bind(store);
    store.put = async (...args) => {
      await underWay(...args);
      await release;
    };
    const flushed = writer.flush();
    writer.add(messageRecord(2));
    expect(await readIds(writer)).toEqual(['M-2', 'M-1', 'M-0']);
    resolve();
    await flushed;
    expect(await readIds(writer)).toEqual(['M-2', 'M-1', 'M-0']);
  });

  it('a session’s history is read whole where a part becomes durable between the LIST and the answer', async () => {
    const writer = openWriter();
    writer.add(messageRecord(1));
    const list = store.list.bind(store);
    store.list = async (...args) => {
      const listed = await list(...args);
      await writer.flush();
      return listed;
    };
    expect(await readIds(writer)).toEqual(['M-1']);
  });

  it('a session’s history waits for what is still open, unless it ends; what is known better replaces what was known', async () => {
    const writer = openWriter();
    writer.add(messageRecord(1), 'open');
    writer.add(messageRecord(2));
    await writer.flush();
    expect(await readIds()).toEqual(['M-2']);
    writer.add(messageRecord(1, { content: 'better' }));
    writer.add(messageRecord(3), 'open');
    await writer.close(1_000);
    expect(await readIds()).toEqual(['M-3', 'M-1', 'M-2']);
    expect(outbox.lines.size).toBe(0);
  });

  it('a session’s history drops the oldest where storage is away for too long, and says so', async () => {
    store.fails = () => new Error('503');
    let dropped = 0;
    const options = { mostWaiting: { records: 10, bytes: 1e6 }, onDropped: () => (dropped += 1) };
    const writer = openWriter(options as Partial<HistoryWriterOptions>);
    for (const record of messageRecords(15)) writer.add(record);
    expect([dropped, outbox.lines.size]).toEqual([5, 10]);
    await writer.stop();
  });
});

describe('an end', () => {
  it('an end writes what there is', async () => {
    const writer = openWriter();
    for (const record of messageRecords(3)) writer.add(record);
    await writer.close(1_000);
    expect(await readIds()).toHaveLength(3);
  });

  it('an end does not wait for storage that is away: what is not written stays in the journal', async () => {
    store.fails = () => new Error('503');
    const writer = openWriter({ backOff: { firstMs: 60_000, longestMs: 60_000 } });
    writer.add(messageRecord(1));
    await writer.close(10);
    expect(outbox.lines.size).toBe(1);
  });

  it('an end of an owner whose lease is over begins no write', async () => {
    const writer = openWriter({ mayWrite: () => false });
    writer.add(messageRecord(1));
    await writer.close(10);
    expect(store.counts.put).toBe(0);
  });
});

describe('the next owner', () => {
  it('the next owner writes what the journal holds, before what is new', async () => {
    const killed = openWriter();
    for (const record of [...messageRecords(3), statusRecord(2, 'read')]) killed.add(record);
    const next = openWriter();
    const adopted = next.adopt(outbox.pending());
    next.add(messageRecord(9));
    await adopted;
    await next.flush();
    expect(await readIds()).toEqual(['M-9', 'M-2', 'M-1', 'M-0']);
    expect((await readHistory(store, SESSION, query())).messages[1]?.status).toBe('read');
    expect(outbox.lines.size).toBe(0);
  });

  it('the next owner shows it at once', async () => {
    const next = openWriter();
    store.fails = (operation) => (operation === 'put' ? new Error('503') : undefined);
    const left = messageRecord(1);
    void next.adopt([[identityOf(left), JSON.stringify(left)]]);
    expect(await readIds(next)).toEqual(['M-1']);
    await next.stop();
  });

  it('the next owner that is the same process, under a newer epoch, writes nothing twice that is under way', async () => {
    const writer = openWriter();
    writer.add(messageRecord(1));
    const { promise: release, resolve } = Promise.withResolvers<void>();
    const put = store.put.bind(store);
    store.put = (...args) => release.then(() => put(...args));
    const flushed = writer.flush();
    writer.add(messageRecord(2));
    const adopted = writer.adopt(outbox.pending());
    resolve();
    await Promise.all([adopted, flushed]);
    await writer.flush();
    expect(await readIds()).toEqual(['M-2', 'M-1']);
    expect(outbox.lines.size).toBe(0);
  });

  it('the next owner writes nothing twice that was durable when the one before was killed', async () => {
    const killed = openWriter();
    for (const record of messageRecords(3)) killed.add(record);
    const left = outbox.pending();
    await killed.flush();
    for (const [identity, line] of left) outbox.append(identity, line);
    killed.add(messageRecord(3));
    await openWriter({ now: () => START + 3_700_000 }).adopt(outbox.pending());
    expect(await readIds()).toEqual(['M-3', 'M-2', 'M-1', 'M-0']);
    expect(outbox.lines.size).toBe(0);
  });
});
