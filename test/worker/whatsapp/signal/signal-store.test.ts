import { expect, test } from 'vitest';
import { MapStore } from '../../../../testing/storage/map-store.ts';
import { Journal } from '../../../../worker/storage/journal/journal.ts';
import { readJournal } from '../../../../worker/storage/journal/read-journal.ts';
import { journalKeys } from '../../../../worker/whatsapp/signal/signal-store.ts';

async function openJournal(): Promise<Journal> {
  const store = new MapStore();
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
  return journal;
}

test.each(['pre-key', 'session', 'sender-key', 'identity-key', 'app-state-sync-key'])(
  'frames wait until a change of a %s is durable',
  async (type) => {
    const journal = await openJournal();
    journalKeys(journal, 'binding').set(type, 'id', 'value');
    expect(journal.isDurable(journal.bindingBatch)).toBe(false);
    await journal.barrier();
    expect(journal.isDurable(journal.bindingBatch)).toBe(true);
  },
);

test.each(['device-list', 'lid-mapping', 'tctoken', 'key-of-tomorrow'])(
  'frames do not wait for a change of a %s, which can be learned again',
  async (type) => {
    const journal = await openJournal();
    journalKeys(journal, 'binding').set(type, 'id', 'value');
    expect(journal.isDurable(journal.bindingBatch)).toBe(true);
  },
);
