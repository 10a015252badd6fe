import { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { MapStore } from '../../../../testing/storage/map-store.ts';
import { Journal } from '../../../../worker/storage/journal/journal.ts';
import { readJournal } from '../../../../worker/storage/journal/read-journal.ts';
import { PlaintextMemory } from '../../../../worker/whatsapp/signal/plaintext-memory.ts';
import { UnconfirmedReceipts } from '../../../../worker/whatsapp/state/unconfirmed-receipts.ts';

const FRIEND = '62822@s.whatsapp.net';
const CONTEXT = ['msg', FRIEND];
const MOST_UNCONFIRMED = 1_000;
const MOST_CONFIRMED = 512;

async function open(store: MapStore, epoch: number) {
  const read = await readJournal(store, 's-1', { epoch });
  const ignore = () => undefined;
  const journal = new Journal({
    store,
    sessionId: 's-1',
    epoch,
    read,
    onFault: ignore,
    onRecovered: ignore,
  });
  journal.activate();
  const memory = new PlaintextMemory(journal);
  const ws = new EventEmitter();
  memory.follow(ws);
  const decrypted: string[] = [];
  /** As a message arrives on the socket and is decrypted, or remembered. */
  const receive = async (id: string, ciphertext = Buffer.from(`sealed ${id}`)) => {
    const content: BinaryNode[] = [{ tag: 'enc', attrs: { type: 'msg' }, content: ciphertext }];
    ws.emit('CB:message', { tag: 'message', attrs: { id, from: FRIEND }, content });
    const plaintext = await memory.recall(ciphertext, CONTEXT, async () => {
      decrypted.push(id);
      return Buffer.from(`text of ${id}`);
    });
    return Buffer.from(plaintext).toString();
  };
  const confirm = (id: string) =>
    ws.emit('CB:ack,class:receipt', { tag: 'ack', attrs: { id, class: 'receipt' } });
  return { journal, memory, ws, receive, confirm, decrypted };
}

const idsOf = (count: number, tag = 'IN') => Array.from({ length: count }, (_, n) => `${tag}-${n}`);

describe('what was read', () => {
  it('what was read is known until WhatsApp has confirmed its receipt, over one kill after another', async () => {
    const store = new MapStore();
    const ids = idsOf(MOST_UNCONFIRMED - 100);
    for (let epoch = 1; epoch <= 3; epoch += 1) {
      const { journal, receive, decrypted } = await open(store, epoch);
      for (const id of ids) expect(await receive(id)).toBe(`text of ${id}`);
      const fresh = idsOf(90, `NEW-${epoch}`);
      for (const id of fresh) await receive(id);
      expect(decrypted).toEqual(epoch === 1 ? [...ids, ...fresh] : fresh);
      await journal.barrier();
      journal.stop();
    }
  });

  it('what was read is forgotten after that, the oldest first', async () => {
    const { journal, receive, confirm } = await open(new MapStore(), 1);
    for (const id of idsOf(MOST_CONFIRMED + 200)) {
      await receive(id);
      confirm(id);
    }
    await receive('last');
    expect(journal.state.size('plaintext')).toBe(MOST_CONFIRMED);
    journal.stop();
  });

  it('what was read is not added to while too much is unconfirmed, until the next confirmation', async () => {
    const { journal, memory, receive, confirm } = await open(new MapStore(), 1);
    for (const id of idsOf(MOST_UNCONFIRMED - 1)) await receive(id);
    await memory.whenRoom(() => Promise.reject(new Error('there is room')));
    await receive('last');
    const asked = Promise.withResolvers<void>();
    const room = memory.whenRoom(async () => asked.resolve());
    await asked.promise;
    expect(await Promise.race([room, new Promise((resolve) => setImmediate(resolve, 'waits'))])).toBe(
      'waits',
    );
    confirm('IN-0');
    await room;
    journal.stop();
  });

  it('what was read comes again with a new connection, which nothing of the last one holds up', async () => {
    const { journal, memory, receive } = await open(new MapStore(), 1);
    for (const id of idsOf(MOST_UNCONFIRMED)) await receive(id);
    memory.follow(new EventEmitter());
    await memory.whenRoom(() => Promise.reject(new Error('there is room')));
    journal.stop();
  });

  it('what was read is bounded in bytes, too', async () => {
    const receipts = new UnconfirmedReceipts();
    for (const n of [1, 2]) receipts.add(`IN-${n}`, `P-${n}`, 600 * 1024);
    let asked = false;
    const room = receipts.whenRoom(async () => {
      asked = true;
      receipts.confirm('IN-1');
    });
    await room;
    expect(asked).toBe(true);
    expect([receipts.has('P-1'), receipts.has('P-2')]).toEqual([false, true]);
  });

  it('what was read is read on after a while where WhatsApp confirms nothing at all', async () => {
    const receipts = new UnconfirmedReceipts(5);
    for (const id of idsOf(MOST_UNCONFIRMED)) receipts.add(id, id, 1);
    await receipts.whenRoom(async () => undefined);
    expect(receipts.has('IN-0')).toBe(false);
  });
});
