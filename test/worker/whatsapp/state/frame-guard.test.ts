import { describe, expect, it } from 'vitest';
import { CountingStore } from '../../../../testing/storage/counting-store.ts';
import { MapStore } from '../../../../testing/storage/map-store.ts';
import { Journal } from '../../../../worker/storage/journal/journal.ts';
import { readJournal } from '../../../../worker/storage/journal/read-journal.ts';
import { FrameGuard } from '../../../../worker/whatsapp/state/frame-guard.ts';

async function guarded(mayLeave: () => boolean = () => true) {
  const store = new CountingStore(new MapStore());
  const read = await readJournal(store, 's-1', { epoch: 1 });
  const ignore = () => undefined;
  const journal = new Journal({
    store,
    sessionId: 's-1',
    epoch: 1,
    read,
    onFault: ignore,
    onRecovered: ignore,
  });
  journal.activate();
  await journal.barrier();
  const left: string[] = [];
  const closed = Promise.withResolvers<void>();
  const transport = {
    send: (data: Uint8Array, done?: () => void) => {
      left.push(Buffer.from(data).toString());
      done?.();
    },
    close: () => closed.resolve(),
  };
  new FrameGuard(transport, journal, mayLeave);
  const send = (text: string) => transport.send(Buffer.from(text));
  return { store, journal, transport, send, left, closed: closed.promise };
}

describe('the write barrier', () => {
  it('lets a frame leave at once where nothing is pending', async () => {
    const { send, left } = await guarded();
    send('a');
    expect(left).toEqual(['a']);
  });

  it('holds a frame back until what it depends on is durable, and lets nothing overtake', async () => {
    const { journal, store, send, left } = await guarded();
    const writing = Promise.withResolvers<void>();
    const put = store.put.bind(store);
    store.put = async (...args) => {
      await writing.promise;
      await put(...args);
    };
    journal.append('keys', 'ratchet', '1', 'binding');
    send('a');
    send('b');
    await new Promise((resolve) => setImmediate(resolve));
    journal.append('keys', 'ratchet', '2', 'binding');
    send('c');
    expect(left).toEqual([]);
    writing.resolve();
    await journal.barrier();
    await new Promise((resolve) => setImmediate(resolve));
    expect(left).toEqual(['a', 'b', 'c']);
  });

  it('lets nothing overtake in the moment in which storage has answered and the first frame has not left', async () => {
    const { journal, send, left } = await guarded();
    journal.append('keys', 'ratchet', '1', 'binding');
    const durable = journal.barrier();
    send('a');
    await durable;
    send('b');
    await new Promise((resolve) => setImmediate(resolve));
    expect(left).toEqual(['a', 'b']);
  });

  it('does not hold frames back for what may be lost', async () => {
    const { journal, send, left } = await guarded();
    journal.append('reports', 'r', 'a status', 'soon');
    send('a');
    expect(left).toEqual(['a']);
  });

  it('asks for the lease when the frame goes, not when it is given', async () => {
    let held = true;
    const { journal, send, left } = await guarded(() => held);
    journal.append('keys', 'ratchet', '1', 'binding');
    send('a');
    held = false;
    await journal.barrier();
    held = true;
    send('b');
    expect(left).toEqual([]);
  });

  it('never lets a frame leave whose changes were given up', async () => {
    const { journal, send, left } = await guarded();
    journal.append('keys', 'ratchet', '1', 'binding');
    send('a');
    journal.stop();
    await new Promise((resolve) => setImmediate(resolve));
    send('b');
    expect(left).toEqual([]);
  });

  it('lets the last frames leave before the socket is closed', async () => {
    const { journal, transport, send, left, closed } = await guarded();
    journal.append('keys', 'ratchet', '1', 'binding');
    send('logout');
    transport.close();
    await closed;
    expect(left).toEqual(['logout']);
  });
});
