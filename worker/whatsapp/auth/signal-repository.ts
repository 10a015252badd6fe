import {
  DEFAULT_CONNECTION_CONFIG,
  isLidUser,
  isPnUser,
  jidDecode,
  type SignalAuthState,
  type SignalRepositoryWithLIDStore,
  type SocketConfig,
} from '@whiskeysockets/baileys';
import { decryptOnCopies } from './decrypt-on-copies.ts';
import type { KeyedLocks } from './keyed-locks.ts';
import type { PlaintextMemory } from './plaintext-memory.ts';
import type { SignalKeys } from './signal-keys.ts';

export interface GuardedSignal {
  keys: SignalKeys;
  locks: KeyedLocks;
  plaintexts: PlaintextMemory;
}

type MakeRepository = SocketConfig['makeSignalRepository'];
type LidMapping = SignalRepositoryWithLIDStore['lidMapping'];

const userOf = (jid: string) => `${jidDecode(jid)?.user ?? jid}@${isLidUser(jid) ? 'lid' : 'pn'}`;

/**
 * The name under which a person's Signal state is locked: the LID's where one is known, since that is where
 * Baileys looks (`libsignal.js`, `resolveLIDSignalAddress`). Sends and receives then meet at one lock,
 * whichever name they use.
 */
async function canonicalUser(lidMapping: LidMapping, jid: string): Promise<string> {
  if (!isPnUser(jid)) return userOf(jid);
  const lid = await lidMapping.getLIDForPN(jid).catch(() => null);
  return userOf(lid ?? jid);
}

/** Baileys' own repository, with staged writes and one lock per person around whatever touches a ratchet. */
export function makeGuardedRepository({ keys, locks, plaintexts }: GuardedSignal): MakeRepository {
  return ({ creds }, logger, pnToLid) => {
    // Within an operation its lock is chosen already: a mapping learned there would change the name under it.
    const ask: typeof pnToLid = async (jids) => (keys.isInTransaction() ? undefined : await pnToLid?.(jids));
    const state: SignalAuthState = { creds, keys };
    const base = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(state, logger, ask);
    const { lidMapping } = base;
    guardMappings(lidMapping, locks, keys);

    /** Again where the name changed while waiting for the lock. */
    async function exclusive<T>(jid: string, work: () => Promise<T>): Promise<T> {
      if (keys.isInTransaction()) return await work();
      for (;;) {
        const name = await canonicalUser(lidMapping, jid);
        const ran = await locks.run([name], async () =>
          (await canonicalUser(lidMapping, jid)) === name ? { result: await work() } : undefined,
        );
        if (ran !== undefined) return ran.result;
      }
    }
    const ofSender = <T>(group: string, jid: string, work: () => Promise<T>) =>
      locks.run([`${group}/${userOf(jid)}`], () => keys.stage(work));
    const addressOf = async (jid: string) => {
      const lid = isPnUser(jid) ? await lidMapping.getLIDForPN(jid) : null;
      return base.jidToSignalProtocolAddress(lid ?? jid);
    };

    return {
      ...base,
      lidMapping,
      decryptMessage: (options) =>
        exclusive(options.jid, () =>
          plaintexts.recall([options.type, options.jid, options.ciphertext], async () => {
            const decrypt = () => base.decryptMessage(options);
            // A pkmsg names its session; only a plain message is tried against several.
            return options.type === 'pkmsg'
              ? await keys.stage(decrypt)
              : await decryptOnCopies(keys, await addressOf(options.jid), decrypt);
          }),
        ),
      encryptMessage: (options) =>
        exclusive(options.jid, () => keys.stage(() => base.encryptMessage(options))),
      injectE2ESession: (options) =>
        exclusive(options.jid, () => keys.stage(() => base.injectE2ESession(options))),
      deleteSession: async (jids) => {
        for (const jid of jids) await exclusive(jid, () => keys.stage(() => base.deleteSession([jid])));
      },
      // Storing the mapping has moved the sessions already, without overwriting any (`migrate-to-lid.ts`).
      migrateSession: async (pn, lid) => {
        await lidMapping.storeLIDPNMappings([{ pn, lid }]);
        return { migrated: 0, skipped: 0, total: 0 };
      },
      decryptGroupMessage: (options) =>
        ofSender(options.group, options.authorJid, () =>
          plaintexts.recall([options.group, options.authorJid, options.msg], () =>
            base.decryptGroupMessage(options),
          ),
        ),
      processSenderKeyDistributionMessage: (options) =>
        ofSender(options.item.groupId ?? '', options.authorJid, () =>
          base.processSenderKeyDistributionMessage(options),
        ),
      encryptGroupMessage: (options) =>
        ofSender(options.group, options.meId, () => base.encryptGroupMessage(options)),
      getSenderKeyDistributionMessage: (options) =>
        ofSender(options.group, options.meId, () => base.getSenderKeyDistributionMessage(options)),
    };
  };
}

/** A mapping moves sessions from one name to the other: nobody may be at work under either meanwhile. */
function guardMappings(lidMapping: LidMapping, locks: KeyedLocks, keys: SignalKeys): void {
  const store = lidMapping.storeLIDPNMappings.bind(lidMapping);
  lidMapping.storeLIDPNMappings = async (pairs) => {
    if (keys.isInTransaction()) return await store(pairs);
    const names = pairs.flatMap(({ lid, pn }) => [userOf(lid), userOf(pn)]);
    await locks.run(names, () => keys.stage(() => store(pairs)));
  };
}
