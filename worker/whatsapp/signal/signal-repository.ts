import {
  DEFAULT_CONNECTION_CONFIG,
  isPnUser,
  type SignalAuthState,
  type SignalKeyStore,
  type SocketConfig,
} from '@whiskeysockets/baileys';
import { decryptOnCopies } from '../workarounds/decrypt-on-copies.ts';
import { rememberUnmapped } from './lid-lookup.ts';
import type { PlaintextMemory } from './plaintext-memory.ts';
import type { SignalKeys } from './signal-keys.ts';

export interface GuardedSignal {
  keys: SignalKeys;
  plaintexts: PlaintextMemory;
  /** @throws AppError STORAGE_UNAVAILABLE where nothing more may be changed for now. */
  ensureRoom(): void;
  /** Resolves when something more may be changed; what arrives waits for it, rather than count as unreadable. */
  whenRoom(): Promise<void>;
}

type MakeRepository = SocketConfig['makeSignalRepository'];

/**
 * Baileys' own repository twice over: `inner` works within operations (`SignalKeys.exclusive`), `outer`
 * answers questions and learns LIDs, which may ask WhatsApp, outside of them.
 */
export function makeGuardedRepository(signal: GuardedSignal): MakeRepository {
  const { keys, plaintexts, ensureRoom, whenRoom } = signal;
  return (given, logger, pnToLid) => {
    const { creds } = given;
    storePreKeysAtOnce(given, keys.store);
    const make = DEFAULT_CONNECTION_CONFIG.makeSignalRepository;
    const outer = make({ creds, keys: keys.outer }, logger, rememberUnmapped(pnToLid));
    const inner = make({ creds, keys: keys.inner }, logger, undefined);
    const { lidMapping } = outer;

    const store = lidMapping.storeLIDPNMappings.bind(lidMapping);
    lidMapping.storeLIDPNMappings = async (pairs) => {
      await store(pairs);
      // A number may have got a new LID: the other repository's cache must not keep the old one.
      inner.close?.();
    };
    /** Learns the person's LID first, so that the operation finds it without asking anybody. */
    const learnLid = async (jid: string) => {
      if (isPnUser(jid)) await lidMapping.getLIDForPN(jid);
    };
    const withPerson = async <T>(jid: string, work: () => Promise<T>): Promise<T> => {
      await learnLid(jid);
      return await keys.exclusive(work);
    };
    /** Within an operation: where the person's record stands. */
    const addressOf = async (jid: string) => {
      const lid = isPnUser(jid) ? await inner.lidMapping.getLIDForPN(jid) : null;
      return inner.jidToSignalProtocolAddress(lid ?? jid);
    };

    return {
      ...outer,
      lidMapping,
      decryptMessage: async (options) => {
        const { jid, type, ciphertext } = options;
        await learnLid(jid);
        await whenRoom();
        return await keys.receiving(() =>
          plaintexts.recall(ciphertext, [type, jid], async () => {
            const decrypt = () => inner.decryptMessage(options);
            // A pkmsg names its session; only a plain message is tried against several.
            if (type === 'pkmsg') return await decrypt();
            return await decryptOnCopies(keys, await addressOf(jid), decrypt);
          }),
        );
      },
      encryptMessage: (options) =>
        withPerson(options.jid, () => {
          ensureRoom();
          return inner.encryptMessage(options);
        }),
      injectE2ESession: (options) => withPerson(options.jid, () => inner.injectE2ESession(options)),
      deleteSession: (jids) =>
        keys.exclusive(async () => {
          const addresses = await Promise.all(jids.map(addressOf));
          for (const address of addresses) keys.staged.set('session', address, undefined);
        }),
      // Storing the mapping has moved the sessions already, without overwriting any (`migrate-to-lid.ts`).
      migrateSession: async (pn, lid) => {
        await lidMapping.storeLIDPNMappings([{ pn, lid }]);
        return { migrated: 0, skipped: 0, total: 0 };
      },
      decryptGroupMessage: async (options) => {
        await whenRoom();
        return await keys.receiving(() =>
          plaintexts.recall(options.msg, [options.group, options.authorJid], () =>
            inner.decryptGroupMessage(options),
          ),
        );
      },
      processSenderKeyDistributionMessage: (options) =>
        keys.receiving(() => inner.processSenderKeyDistributionMessage(options)),
      encryptGroupMessage: (options) =>
        keys.exclusive(() => {
          ensureRoom();
          return inner.encryptGroupMessage(options);
        }),
      getSenderKeyDistributionMessage: (options) =>
        keys.exclusive(() => inner.getSenderKeyDistributionMessage(options)),
      close: () => {
        outer.close?.();
        inner.close?.();
      },
    };
  };
}

/**
 * Baileys stores the pre-key of a retry receipt in a transaction that commits after the receipt has left
 * (`messages-recv.js`, sendRetryRequest): a crash in between leaves the peer with a key that nobody has.
 * Pre-keys are therefore stored when they are made; unused ones do no harm.
 */
function storePreKeysAtOnce({ keys }: SignalAuthState, direct: SignalKeyStore): void {
  const { get, set } = keys;
  keys.get = (type, ids) => (type === 'pre-key' ? direct.get(type, ids) : get(type, ids));
  keys.set = async (data) => {
    const { 'pre-key': preKeys, ...rest } = data;
    if (preKeys !== undefined) await direct.set({ 'pre-key': preKeys });
    if (Object.keys(rest).length > 0) await set(rest);
  };
}
