import { proto } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { reportedMessage } from '../../../../testing/control-plane/received-message.ts';
import { CountingStore } from '../../../../testing/storage/counting-store.ts';
import { MapStore } from '../../../../testing/storage/map-store.ts';
import type { QueuedReport } from '../../../../worker/report.ts';
import type { ObjectStore } from '../../../../worker/storage/object-store.ts';
import { openAuth } from '../../../../worker/whatsapp/state/open-auth.ts';
import type { SessionAuth } from '../../../../worker/whatsapp/state/session-auth.ts';

const log = pino({ level: 'silent' });
const open = (store: ObjectStore, epoch: number, authFloor?: number) =>
  openAuth({ store, sessionId: 's-1', epoch, log, ...(authFloor === undefined ? {} : { authFloor }) });

function link(auth: SessionAuth): void {
  const account = proto.ADVSignedDeviceIdentity.fromObject({ details: Buffer.from([1, 2]) });
  auth.saveCreds({ account, me: { id: '62811:1@s.whatsapp.net', lid: '99:1@lid', name: 'Me' } });
}

const report = (id: string): QueuedReport => ({
  id,
  report: {
    kind: 'event',
    body: {
      event: 'message_received',
      sessionId: 's-1',
      data: reportedMessage(id),
      timestamp: '2026-11-21T00:00:00Z',
    },
  },
});

describe('a session’s state', () => {
  it('is not written before it is linked, and each attempt starts with a new identity', async () => {
    const store = new CountingStore(new MapStore());
    const auth = await open(store, 1);
    const first = auth.openSocket().auth;
    auth.saveCreds({ me: { id: '62811@s.whatsapp.net' }, pairingCode: 'ABCDEFGH' });
    await first.keys.set({ 'pre-key': { 1: { public: Buffer.from([1]), private: Buffer.from([2]) } } });
    await auth.barrier();
    expect(auth.linked).toBe(false);
    const second = auth.openSocket().auth;
    expect(second.creds.noiseKey).not.toEqual(first.creds.noiseKey);
    expect(second.creds.me).toBeUndefined();
    expect(await second.keys.get('pre-key', ['1'])).toEqual({});
    expect(store.counts.put).toBe(0);
  });

  it('is the same for the next owner: credentials, keys of known and unknown types, sent messages, reports', async () => {
    const store = new MapStore();
    const auth = await open(store, 1);
    const { creds, keys } = auth.openSocket().auth;
    link(auth);
    const pair = { public: Buffer.from([1]), private: Buffer.from([2]) };
    const unknown = { 'key-of-tomorrow': { x: { deep: [Buffer.from([9])], when: 5 } } };
    await keys.set({
      'pre-key': { 1: pair },
      tctoken: { a: { token: Buffer.from([5]), timestamp: '7' } },
      'device-list': { b: ['0', '3'] },
      'lid-mapping': { 62811: '99', '99_reverse': '62811' },
      'identity-key': { c: Buffer.from([6]) },
      ...unknown,
    });
    const message = { id: 'SENT-1', to: '99@lid', type: 'text', at: new Date() };
    auth.outgoing.add(message, { conversation: 'hello' });
    auth.reports.append(report('r-1'));
    await auth.barrier();
    auth.abandon();

    const next = await open(store, 2);
    expect(next.linked).toBe(true);
    expect(next.me).toEqual({ id: '62811:1@s.whatsapp.net', lid: '99:1@lid', name: 'Me' });
    const socket = next.openSocket();
    expect(socket.auth.creds.signedIdentityKey).toEqual(creds.signedIdentityKey);
    const read = socket.auth.keys;
    expect(await read.get('pre-key', ['1', '2'])).toEqual({ 1: pair });
    expect(await read.get('tctoken', ['a'])).toEqual({ a: { token: Buffer.from([5]), timestamp: '7' } });
    expect(await read.get('device-list', ['b'])).toEqual({ b: ['0', '3'] });
    expect(await read.get('identity-key', ['c'])).toEqual({ c: Buffer.from([6]) });
    expect(await read.get('key-of-tomorrow' as 'session', ['x'])).toEqual(unknown['key-of-tomorrow']);
    const sent = await socket.getMessage({ remoteJid: '99@lid', id: 'SENT-1' });
    expect(sent?.conversation).toBe('hello');
    const [unsettled] = next.outgoing.pending();
    expect(unsettled).toMatchObject({ message, content: { conversation: 'hello' } });
    next.outgoing.settle('SENT-1');
    expect(next.reports.pending()).toEqual([report('r-1')]);
    next.reports.settle(['r-1']);
    await next.close();
    const third = await open(store, 3);
    expect(third.reports.pending()).toEqual([]);
    expect(third.outgoing.pending()).toEqual([]);
    third.abandon();
  });

  it('is gone after a logout, except for what was received and not reported yet', async () => {
    const store = new MapStore();
    const auth = await open(store, 1);
    link(auth);
    await auth.barrier();
    await auth.close();
    const second = await open(store, 2);
    second.reports.append(report('r-1'));
    await second.eraseCredentials();
    expect(second.linked).toBe(false);
    expect(store.objects.size).toBe(1);
    const third = await open(store, 3);
    expect(third.linked).toBe(false);
    expect(third.reports.pending()).toEqual([report('r-1')]);
    third.reports.settle(['r-1']);
    await third.eraseCredentials();
    expect(store.objects.size).toBe(0);
  });

  it('is gone after a logout that storage broke off, whatever was reported between its attempts', async () => {
    const store = new CountingStore(new MapStore());
    const auth = await open(store, 1);
    link(auth);
    await auth.barrier();
    store.fails = (operation) => (operation === 'delete' ? new Error('503') : undefined);
    await expect(auth.eraseCredentials()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    auth.reports.append(report('r-1'));
    store.fails = undefined;
    await auth.eraseCredentials();
    const next = await open(store, 2);
    expect(next.linked).toBe(false);
    expect(next.reports.pending()).toEqual([report('r-1')]);
  });

  it('keeps what was not reported yet through a logout that storage broke off', async () => {
    const store = new CountingStore(new MapStore());
    const auth = await open(store, 1);
    link(auth);
    auth.reports.append(report('r-1'));
    await auth.barrier();
    store.fails = (operation) => (operation === 'delete' ? new Error('503') : undefined);
    await expect(auth.eraseCredentials()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    store.fails = undefined;
    await auth.eraseCredentials();
    const next = await open(store, 2);
    expect(next.linked).toBe(false);
    expect(next.reports.pending()).toEqual([report('r-1')]);
  });

  it('of a deleted session is not inherited by the next of its name', async () => {
    const store = new MapStore();
    const auth = await open(store, 3);
    link(auth);
    await auth.close();
    expect((await open(store, 5, 4)).linked).toBe(false);
    expect((await open(store, 5)).linked).toBe(true);
  });

  it('is not lost by a close that cannot write: what was durable before is there', async () => {
    const store = new CountingStore(new MapStore());
    const auth = await openAuth({ store, sessionId: 's-1', epoch: 1, log, storageWaitMs: 50 });
    link(auth);
    await auth.barrier();
    store.fails = (operation) => (operation === 'put' ? new Error('503') : undefined);
    await auth.close();
    store.fails = undefined;
    const next = await open(store, 2);
    expect(next.linked).toBe(true);
    next.abandon();
  });

  it('tells when its storage fails and when it is back', async () => {
    const store = new CountingStore(new MapStore());
    const auth = await open(store, 1);
    const { promise: back, resolve } = Promise.withResolvers<void>();
    const told: (string | undefined)[] = [];
    const stop = auth.onFaultChange((fault) => {
      told.push(fault?.code);
      if (fault === undefined) resolve();
    });
    let failures = 2;
    store.fails = () => {
      failures -= 1;
      return failures < 0 ? undefined : new Error('503');
    };
    link(auth);
    void auth.barrier();
    await back;
    expect(told).toEqual(['STORAGE_UNAVAILABLE', undefined]);
    expect(auth.fault).toBeUndefined();
    stop();
    auth.abandon();
  });
});
