import { beforeEach, expect, it } from 'vitest';
import { CountingStore } from '../../../testing/storage/counting-store.ts';
import { MapStore } from '../../../testing/storage/map-store.ts';
import { SessionData, SessionDataFile, sessionDataKey } from '../../../worker/storage/session-data.ts';

let store: CountingStore;
beforeEach(() => {
  store = new CountingStore(new MapStore());
});

const open = (mayWrite = () => true) => new SessionDataFile({ store, sessionId: 's-1', mayWrite });
const noted = { epoch: 3, status: 'connected', phoneNumber: '+62811' };

it('session-data.json tells what is known of a session; changes share a write', async () => {
  const file = open();
  file.note({ ...noted, status: 'connecting' });
  file.note(noted);
  await file.flush();
  await file.flush();
  expect(store.counts.put).toBe(1);
  const body = Buffer.from((await store.get(sessionDataKey('s-1'))) ?? []).toString();
  expect(SessionData.parse(JSON.parse(body))).toMatchObject({ sessionId: 's-1', ...noted });
});

it('a failing store, a lease that is over and an end leave it as it was', async () => {
  store.fails = () => new Error('503');
  const failing = open();
  failing.note(noted);
  await failing.flush();
  store.fails = undefined;
  const late = open(() => false);
  late.note(noted);
  await late.flush();
  const stopped = open();
  stopped.note(noted);
  await stopped.stop();
  await stopped.flush();
  expect(await store.list('')).toEqual([]);
});
