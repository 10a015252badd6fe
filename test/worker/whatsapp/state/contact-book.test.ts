import pino from 'pino';
import { expect, test } from 'vitest';
import { MapStore } from '../../../../testing/storage/map-store.ts';
import { openAuth } from '../../../../worker/whatsapp/state/open-auth.ts';

const log = pino({ level: 'silent' });
const pn = (user: number) => ({ pn: `62${user}@s.whatsapp.net`, lid: undefined });

/** The durable state of an account that is linked, as far as the journal asks. */
async function open(store: MapStore, epoch: number) {
  const auth = await openAuth({ store, sessionId: 's', epoch, log });
  if (!auth.linked) auth.saveCreds({ account: {}, me: { id: '6281@s.whatsapp.net' } });
  await auth.barrier();
  return auth;
}

test('people are known to the next owner, and learning of them costs no write of its own', async () => {
  const store = new MapStore();
  const first = await open(store, 1);
  const before = store.objects.size;
  for (let user = 0; user < 50; user += 1) first.contacts.learn(pn(100_000 + user), { pushName: `P${user}` });
  first.outgoing.add({ id: '3EB0', to: 'a@lid', type: 'text', at: new Date() }, { conversation: 'Hi' });
  await first.barrier();
  // The message's own write, in which they go along.
  expect(store.objects.size).toBe(before + 1);
  await first.close();
  const second = await open(store, 2);
  const { contacts, hasMore } = second.contacts.page(100);
  expect([contacts.length, hasMore]).toEqual([50, false]);
  expect(contacts[0]).toEqual({
    contactId: '62100000@s.whatsapp.net',
    phoneNumber: '+62100000',
    lid: null,
    name: null,
    pushName: 'P0',
  });
  await second.close();
});

test('a name from the address book and one of their own are kept side by side', async () => {
  const auth = await open(new MapStore(), 1);
  auth.contacts.learn(pn(100_001), { name: 'Grace from work' });
  auth.contacts.learn(pn(100_001), { pushName: 'grace' });
  auth.contacts.learn(pn(100_001), {});
  expect(auth.contacts.page(10).contacts).toMatchObject([{ name: 'Grace from work', pushName: 'grace' }]);
  await auth.close();
});

test('somebody met by LID is one person with their number once WhatsApp has told it', async () => {
  const auth = await open(new MapStore(), 1);
  const lid = '123456789012345@lid';
  auth.contacts.learn({ pn: undefined, lid }, { pushName: 'Grace' });
  expect(auth.contacts.page(10).contacts).toMatchObject([{ contactId: lid, phoneNumber: null, lid }]);
  const { keys } = auth.openSocket().auth;
  await keys.set({ 'lid-mapping': { '62100001': '123456789012345', '123456789012345_reverse': '62100001' } });
  auth.contacts.learn(pn(100_001), { name: 'Grace from work' });
  expect(auth.contacts.page(10).contacts).toEqual([
    {
      contactId: '62100001@s.whatsapp.net',
      phoneNumber: '+62100001',
      lid,
      name: 'Grace from work',
      pushName: 'Grace',
    },
  ]);
  await auth.close();
});

test('the latest 5,000 are kept', async () => {
  const auth = await open(new MapStore(), 1);
  for (let user = 0; user < 5_100; user += 1) auth.contacts.learn(pn(100_000 + user), { pushName: 'P' });
  const { contacts } = auth.contacts.page(10_000);
  expect([contacts.length, contacts[0]?.contactId]).toEqual([5_000, '62100100@s.whatsapp.net']);
  await auth.close();
});

test('another link begins with nobody', async () => {
  const auth = await open(new MapStore(), 1);
  auth.contacts.learn(pn(100_001), { pushName: 'Grace' });
  await auth.eraseCredentials();
  expect(auth.contacts.page(10).contacts).toEqual([]);
});
