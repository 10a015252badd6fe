import { beforeEach, describe, expect, it } from 'vitest';
import { historyPrefix } from '../../../../shared/messages/history/history-keys.ts';
import { readHistory, readHistoryMessage } from '../../../../shared/messages/history/read-history.ts';
import { CountingStore } from '../../../../testing/storage/counting-store.ts';
import { MapStore } from '../../../../testing/storage/map-store.ts';
import { foldHistory } from '../../../../worker/storage/history/fold-history.ts';
import {
  changeRecord,
  messageRecord,
  messageRecords,
  query,
  SESSION,
  START,
  statusRecord,
  writeParts,
} from '../../../shared/messages/history/history-fixture.ts';

const DAY_MS = 86_400_000;
let store: CountingStore;
/** 300 messages and a step in parts of 10, over the end of a day and five hours more. */
beforeEach(async () => {
  store = new CountingStore(new MapStore());
  await writeParts(store, [...messageRecords(300), statusRecord(2, 'read')], 10);
});

const fold = (now = START + 2 * DAY_MS, mayWrite = () => true) =>
  foldHistory(store, SESSION, { now, mayWrite });
const countParts = async () => (await store.list(historyPrefix(SESSION))).length;
const readIds = async () => {
  const page = await readHistory(store, SESSION, query({ limit: 100, offset: 150 }));
  return [page.total, ...page.messages.map(({ id }) => id)];
};

describe('folding', () => {
  it('folding leaves one object a day, and every reading as it was', async () => {
    const before = await readIds();
    expect(await fold()).toBe(2);
    expect(await countParts()).toBe(2);
    expect(await readIds()).toEqual(before);
    expect((await readHistoryMessage(store, SESSION, 'M-2'))?.timeline).toHaveLength(1);
  });

  it('folding keeps what was said of messages, each once', async () => {
    store = new CountingStore(new MapStore());
    const edits = [changeRecord(298, { content: 'better' }), changeRecord(299)];
    await writeParts(store, [...messageRecords(300), ...edits, ...edits], 10);
    const before = await readHistory(store, SESSION, query());
    expect(before.messages.slice(0, 2).map(({ content }) => content)).toEqual(['edited 299', 'better']);
    await fold();
    expect(await readHistory(store, SESSION, query())).toEqual(before);
  });

  it('folding leaves the day that is not over, and is done once', async () => {
    expect(await fold(START + 6 * 3_600_000)).toBe(1);
    const parts = await countParts();
    expect(await fold(START + 6 * 3_600_000)).toBe(0);
    expect(await countParts()).toBe(parts);
  });

  it.each(['put', 'delete'] as const)('loses and doubles nothing when it ends before a %s', async (what) => {
    const before = await readIds();
    let allowed = 1;
    store.fails = (operation) => {
      if (operation !== what) return undefined;
      allowed -= 1;
      return allowed < (what === 'put' ? 0 : 1) ? new Error('killed') : undefined;
    };
    await expect(fold()).rejects.toThrow('killed');
    expect(await readIds()).toEqual(before);
    store.fails = undefined;
    await fold();
    expect(await countParts()).toBe(2);
    expect(await readIds()).toEqual(before);
  });

  it('folding by two at a time loses and doubles nothing', async () => {
    const before = await readIds();
    store.latencyMs = 2;
    await Promise.all([fold(), fold()]);
    expect(await readIds()).toEqual(before);
  });

  it('folding makes one of a message that two owners wrote', async () => {
    await writeParts(store, [messageRecord(1), messageRecord(1)], 1, 2);
    await fold();
    const { messages } = await readHistory(store, SESSION, query({ limit: 100, offset: 200 }));
    expect(messages.filter(({ id }) => id === 'M-1')).toHaveLength(1);
  });

  it('folding makes no object larger than a reader takes at once', async () => {
    await foldHistory(store, SESSION, { now: START + 2 * DAY_MS, mayWrite: () => true, mostBytes: 20_000 });
    const listed = await store.list(historyPrefix(SESSION));
    expect(Math.max(...listed.map(({ sizeBytes }) => sizeBytes))).toBeLessThanOrEqual(20_000);
    expect((await readIds())[0]).toBe(300);
  });

  it('folding is not begun by an owner whose lease is over', async () => {
    store.resetCounts();
    await fold(undefined, () => false);
    expect(store.counts).toMatchObject({ put: 0, delete: 0 });
  });
});
