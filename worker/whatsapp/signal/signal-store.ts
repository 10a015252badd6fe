import type { SignalDataSet, SignalDataTypeMap } from '@whiskeysockets/baileys';
import type { Journal } from '../../storage/journal/journal.ts';
import type { Urgency } from '../../storage/journal/journal-entry.ts';
import { migrateToLid } from './migrate-to-lid.ts';
import { pruneSessionRecord } from './session-record.ts';
import { decodeKey, decodeValue, type EncodedKeys, encodeValue } from './value-codec.ts';

const PREFIX = 'key:';
const spaceOf = (type: string) => PREFIX + type;

/** The spaces of the journal that hold Signal state. */
export const isKeySpace = (space: string) => space.startsWith(PREFIX);

/** As Baileys keeps it (`lid-mapping.js`): from phone user to LID user. */
export function lidOfPerson(journal: Journal, jid: string): string | undefined {
  const [user, server] = jid.split('@');
  const text =
    server === 's.whatsapp.net' ? journal.state.get(spaceOf('lid-mapping'), user ?? '') : undefined;
  const lidUser = text === undefined ? undefined : decodeValue(text);
  return typeof lidUser === 'string' ? `${lidUser}@lid` : undefined;
}

/** The other way round. */
export function pnOfPerson(journal: Journal, lid: string): string | undefined {
  const [user, server] = lid.split('@');
  const text = server === 'lid' ? journal.state.get(spaceOf('lid-mapping'), `${user}_reverse`) : undefined;
  const pnUser = text === undefined ? undefined : decodeValue(text);
  return typeof pnUser === 'string' ? `${pnUser}@s.whatsapp.net` : undefined;
}

/**
 * What a frame may depend on: losing any of these after the frame has left makes a message undecryptable.
 * The rest is found again, or learned again, when it is lost.
 */
const BINDING = new Set(['pre-key', 'session', 'sender-key', 'identity-key', 'app-state-sync-key']);

/** Straight into the journal's state. @param binding the urgency of what frames depend on. */
export function journalKeys(journal: Journal, binding: Urgency): EncodedKeys {
  return {
    get: (type, id) => journal.state.get(spaceOf(type), id),
    set: (type, id, value) => journal.append(spaceOf(type), id, value, BINDING.has(type) ? binding : 'soon'),
    *ids(type) {
      for (const [id] of journal.state.entriesOf(spaceOf(type))) yield id;
    },
  };
}

/** Changes held back until `commit`: an operation that fails leaves nothing behind. */
export class StagedKeys implements EncodedKeys {
  readonly #below: EncodedKeys;
  readonly #changes = new Map<string, Map<string, string | undefined>>();

  constructor(below: EncodedKeys) {
    this.#below = below;
  }

  get(type: string, id: string): string | undefined {
    const changes = this.#changes.get(type);
    return changes?.has(id) ? changes.get(id) : this.#below.get(type, id);
  }

  set(type: string, id: string, value: string | undefined): void {
    let changes = this.#changes.get(type);
    if (changes === undefined) {
      changes = new Map();
      this.#changes.set(type, changes);
    }
    changes.set(id, value);
  }

  *ids(type: string): Iterable<string> {
    const changes = this.#changes.get(type);
    for (const id of this.#below.ids(type)) if (!changes?.has(id)) yield id;
    if (changes) for (const [id, value] of changes) if (value !== undefined) yield id;
  }

  commit(): void {
    for (const [type, changes] of this.#changes)
      for (const [id, value] of changes)
        if (this.#below.get(type, id) !== value) this.#below.set(type, id, value);
  }
}

/** Reads values for Baileys: fresh copies, in the shape it expects. */
export function readKeys<T extends keyof SignalDataTypeMap>(
  keys: EncodedKeys,
  type: T,
  ids: readonly string[],
): { [id: string]: SignalDataTypeMap[T] } {
  const found: { [id: string]: SignalDataTypeMap[T] } = {};
  for (const id of ids) {
    const text = keys.get(type, id);
    // The store gives back what `writeKeys` took for this very type.
    if (text !== undefined) found[id] = decodeKey(type, text) as SignalDataTypeMap[T];
  }
  return found;
}

/** Takes what Baileys stores, of known and unknown types alike. */
export function writeKeys(keys: EncodedKeys, data: SignalDataSet): void {
  for (const [type, values] of Object.entries(data)) {
    for (const [id, value] of Object.entries(values ?? {})) {
      if (value === null || value === undefined) keys.set(type, id, undefined);
      else keys.set(type, id, encodeValue(type === 'session' ? pruneSessionRecord(value) : value));
    }
    if (type === 'lid-mapping') migrateToLid(keys, Object.entries(values ?? {}));
  }
}
