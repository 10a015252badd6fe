import {
  addTransactionCapability,
  DEFAULT_CONNECTION_CONFIG,
  initAuthCreds,
  proto,
  type SignalDataSet,
  type SignalDataTypeMap,
  type SignalKeyStore,
} from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { reportedMessage } from '../../../../testing/control-plane/received-message.ts';
import { MapStore } from '../../../../testing/storage/map-store.ts';
import { openAuth } from '../../../../worker/whatsapp/state/open-auth.ts';
import type { SessionAuth } from '../../../../worker/whatsapp/state/session-auth.ts';
import { silenceSignalLibrary } from '../../../../worker/whatsapp/workarounds/silence-signal-library.ts';

const log = pino({ level: 'silent' });
const options = { maxCommitRetries: 1, delayBetweenTriesMs: 1 };
silenceSignalLibrary();

const PN = '62811@s.whatsapp.net';
const LID = '99@lid';
const US = '62800@s.whatsapp.net';
const NOW = '2026-11-21T00:00:00Z';

function memoryKeys(): SignalKeyStore {
  const values = new Map<string, unknown>();
  return {
    get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const found: { [id: string]: SignalDataTypeMap[T] } = {};
      for (const id of ids)
        if (values.has(`${type}|${id}`)) found[id] = values.get(`${type}|${id}`) as SignalDataTypeMap[T];
      return found;
    },
    set(data: SignalDataSet) {
      for (const [type, entries] of Object.entries(data))
        for (const [id, value] of Object.entries(entries ?? {}))
          if (value === null) values.delete(`${type}|${id}`);
          else values.set(`${type}|${id}`, value);
    },
  };
}

type Repository = ReturnType<typeof DEFAULT_CONNECTION_CONFIG.makeSignalRepository>;

interface Side {
  creds: ReturnType<typeof initAuthCreds>;
  keys: SignalKeyStore;
  repository: Repository;
}

/** A phone: Baileys' own repository over memory. */
function createPeer(): Side {
  const creds = initAuthCreds();
  const keys = addTransactionCapability(memoryKeys(), log, options);
  return { creds, keys, repository: DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds, keys }, log) };
}

function sideOf(auth: SessionAuth): Side {
  const { auth: state, makeSignalRepository } = auth.openSocket();
  const keys = addTransactionCapability(state.keys, log, options);
  return { creds: state.creds, keys, repository: makeSignalRepository({ creds: state.creds, keys }, log) };
}

async function createOwn(store: MapStore, epoch: number): Promise<{ auth: SessionAuth; side: Side }> {
  const auth = await openAuth({ store, sessionId: 's-1', epoch, log });
  if (!auth.linked) {
    auth.openSocket();
    const account = proto.ADVSignedDeviceIdentity.fromObject({ details: Buffer.from([1]) });
    auth.saveCreds({ account, me: { id: US } });
  }
  return { auth, side: sideOf(auth) };
}

/** What the server hands out for a device. */
function bundleOf({ creds }: Side) {
  const withType = (key: Uint8Array) => Buffer.concat([Buffer.from([5]), key]);
  const { keyPair, keyId, signature } = creds.signedPreKey;
  return {
    registrationId: creds.registrationId,
    identityKey: withType(creds.signedIdentityKey.public),
    signedPreKey: { keyId, publicKey: withType(keyPair.public), signature },
  };
}

const encrypt = (side: Side, jid: string, text: string) =>
  side.repository.encryptMessage({ jid, data: Buffer.from(text) });

type Sealed = Awaited<ReturnType<typeof encrypt>>;

async function decrypt(side: Side, jid: string, { type, ciphertext }: Sealed): Promise<string> {
  return Buffer.from(await side.repository.decryptMessage({ jid, type, ciphertext })).toString();
}

async function connect(): Promise<{ own: Side; auth: SessionAuth; peer: Side; store: MapStore }> {
  const store = new MapStore();
  const { auth, side: own } = await createOwn(store, 1);
  const peer = createPeer();
  await own.repository.injectE2ESession({ jid: PN, session: bundleOf(peer) });
  expect(await decrypt(peer, US, await encrypt(own, PN, 'hello'))).toBe('hello');
  expect(await decrypt(own, PN, await encrypt(peer, US, 'hello back'))).toBe('hello back');
  return { own, auth, peer, store };
}

describe('Signal state', () => {
  it('stays whole when the same person writes and is written to under both names at once', async () => {
    const { own, peer, auth } = await connect();
    await own.repository.lidMapping.storeLIDPNMappings([{ pn: PN, lid: LID }]);
    const ours = Array.from({ length: 40 }, (_, n) => encrypt(own, n % 2 ? PN : LID, `ours ${n}`));
    const theirs: Promise<string>[] = [];
    for (let n = 0; n < 40; n++)
      theirs.push(decrypt(own, n % 2 ? LID : PN, await encrypt(peer, US, `theirs ${n}`)));
    expect(await Promise.all(theirs)).toEqual(Array.from({ length: 40 }, (_, n) => `theirs ${n}`));
    for (const [n, sealed] of (await Promise.all(ours)).entries())
      expect(await decrypt(peer, US, sealed)).toBe(`ours ${n}`);
    auth.abandon();
  });

  it('is not harmed by a late message for an archived Signal session', async () => {
    const { own, peer, auth } = await connect();
    const late = await encrypt(peer, US, 'late');
    // A new session from our side archives the one that `late` belongs to.
    await own.repository.injectE2ESession({ jid: PN, session: bundleOf(peer) });
    expect(await decrypt(peer, US, await encrypt(own, PN, 'new session'))).toBe('new session');
    for (let n = 0; n < 5; n++) {
      expect(await decrypt(own, PN, await encrypt(peer, US, `on the new one ${n}`))).toBe(
        `on the new one ${n}`,
      );
      const forged = { ...late, ciphertext: Buffer.from(late.ciphertext).fill(7, 40, 60) };
      await expect(decrypt(own, PN, forged)).rejects.toThrow();
    }
    expect(await decrypt(own, PN, late)).toBe('late');
    expect(await decrypt(own, PN, await encrypt(peer, US, 'still fine'))).toBe('still fine');
    auth.abandon();
  });

  it('reads a message again that is delivered again, also by the next owner', async () => {
    const { own, peer, auth, store } = await connect();
    const sealed = await encrypt(peer, US, 'once');
    expect(await decrypt(own, PN, sealed)).toBe('once');
    expect(await decrypt(own, PN, sealed)).toBe('once');
    await auth.barrier();
    auth.abandon();
    const next = await createOwn(store, 2);
    expect(await decrypt(next.side, PN, sealed)).toBe('once');
    expect(await decrypt(next.side, PN, await encrypt(peer, US, 'twice'))).toBe('twice');
    next.auth.abandon();
  });

  it('is not turned on by another message while thousands are not reported, so that none is dropped', async () => {
    const { own, peer, auth } = await connect();
    const sealed = await encrypt(peer, US, 'one more');
    for (let n = 0; n < 4_000; n += 1)
      auth.reports.append({
        id: `r-${n}`,
        report: {
          kind: 'event',
          body: {
            event: 'message_received',
            sessionId: 's-1',
            data: reportedMessage('M1'),
            timestamp: NOW,
          },
        },
      });
    const before = await own.keys.get('session', ['62811.0']);
    const reading = decrypt(own, PN, sealed);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(await own.keys.get('session', ['62811.0'])).toEqual(before);
    auth.reports.settle(['r-0']);
    expect(await reading).toBe('one more');
    auth.abandon();
  });

  it('changes nothing where a message cannot be decrypted', async () => {
    const { own, peer, auth } = await connect();
    const stranger = createPeer();
    await stranger.repository.injectE2ESession({ jid: US, session: bundleOf(own) });
    const forged = await encrypt(stranger, US, 'let me in');
    forged.ciphertext = Buffer.from(forged.ciphertext).fill(0, forged.ciphertext.length - 20);
    await expect(decrypt(own, PN, forged)).rejects.toThrow();
    expect(await decrypt(own, PN, await encrypt(peer, US, 'still here'))).toBe('still here');
    auth.abandon();
  });

  it('moves to the LID together with the mapping, and keeps a session that is there already', async () => {
    const { own, peer, auth } = await connect();
    await own.repository.injectE2ESession({ jid: LID, session: bundleOf(peer) });
    const underLid = await encrypt(own, LID, 'under the LID');
    expect(await decrypt(peer, US, underLid)).toBe('under the LID');
    const answer = await encrypt(peer, US, 'to the LID');
    await own.repository.lidMapping.storeLIDPNMappings([{ pn: PN, lid: LID }]);
    expect(await own.keys.get('session', ['62811.0'])).toEqual({});
    expect(await decrypt(own, LID, answer)).toBe('to the LID');
    expect(await decrypt(peer, US, await encrypt(own, PN, 'by either name'))).toBe('by either name');
    auth.abandon();
  });

  it('does not grow with every turn of a conversation', async () => {
    const { own, peer, auth } = await connect();
    const sizes: number[] = [];
    for (let n = 0; n < 60; n++) {
      await decrypt(peer, US, await encrypt(own, PN, `ping ${n}`));
      await decrypt(own, PN, await encrypt(peer, US, `pong ${n}`));
      const { '62811.0': record } = await own.keys.get('session', ['62811.0']);
      sizes.push(JSON.stringify(record).length);
    }
    expect(sizes.at(-1)).toBeLessThan((sizes[5] ?? 0) * 1.2);
    auth.abandon();
  });

  it('stores pre-keys when they are made, not when the transaction around them ends', async () => {
    const { own, auth } = await connect();
    const pair = { public: Buffer.from([1]), private: Buffer.from([2]) };
    const { '7': stored } = await own.keys.get('pre-key', ['7']);
    expect(stored).toBeUndefined();
    await (own.keys as ReturnType<typeof addTransactionCapability>).transaction(async () => {
      await own.keys.set({ 'pre-key': { 7: pair } });
      const other = auth.openSocket().auth.keys;
      expect(await other.get('pre-key', ['7'])).toEqual({ 7: pair });
    }, 'a receipt that is sent');
    auth.abandon();
  });
});
