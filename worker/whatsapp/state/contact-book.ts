import type { Contact } from '../../../shared/conversations/schema.ts';
import type { Journal } from '../../storage/journal/journal.ts';
import { type Person, phoneNumberOf } from '../reading/read-jid.ts';
import { BoundedSpace } from './bounded-space.ts';

const SPACE = 'contact';
const BOUNDS = { most: 5_000, mostBytes: 512 * 1024, mostAgeMs: Number.POSITIVE_INFINITY };
const MAX_NAME = 100;

export interface Names {
  name?: string | undefined;
  pushName?: string | undefined;
}

/** Whom a session has met. */
export interface ContactBook {
  /** Costs no write of its own: it goes along with the next one, and is learned again where it is lost. */
  learn(person: Person, names: Names): void;
  /** By `contactId`, from behind `after` on. */
  page(limit: number, after?: string): { contacts: Contact[]; hasMore: boolean };
  /** As the address book and they themselves call them. */
  namesOf(person: Person): Names;
}

export class JournalContacts implements ContactBook {
  readonly #journal: Journal;
  readonly #space: BoundedSpace;
  readonly #lidOf: (jid: string) => string | undefined;
  readonly #pnOf: (lid: string) => string | undefined;

  constructor(
    journal: Journal,
    names: { lidOf: (jid: string) => string | undefined; pnOf: (lid: string) => string | undefined },
  ) {
    this.#journal = journal;
    this.#space = new BoundedSpace(journal, SPACE, BOUNDS);
    this.#lidOf = names.lidOf;
    this.#pnOf = names.pnOf;
  }

  learn({ pn, lid }: Person, { name, pushName }: Names): void {
    const id = pn ?? (lid && this.#pnOf(lid)) ?? lid;
    if (id === undefined || !this.#journal.active) return;
    const known = this.#read(id);
    const names = { ...known, ...short('name', name), ...short('pushName', pushName) };
    if (known !== undefined && known.name === names.name && known.pushName === names.pushName) return;
    if (known !== undefined) this.#space.delete(id);
    this.#space.set(id, Buffer.from(JSON.stringify(names)), 'idle');
  }

  page(limit: number, after = ''): { contacts: Contact[]; hasMore: boolean } {
    // Somebody who was met by LID first has two entries until here.
    const byId = new Map<string, Names>();
    for (const [id] of this.#journal.state.entriesOf(SPACE)) {
      const current = this.#pnOf(id) ?? id;
      byId.set(current, { ...byId.get(current), ...this.#read(id) });
    }
    const ids = [...byId.keys()].filter((id) => id > after).sort();
    const contacts = ids.slice(0, limit).map((id) => this.#toContact(id, byId.get(id) ?? {}));
    return { contacts, hasMore: ids.length > limit };
  }

  namesOf({ pn, lid }: Person): Names {
    // Somebody who was met by LID first may have an entry under each name.
    return { ...(lid && this.#read(lid)), ...(pn && this.#read(pn)) };
  }

  clear(): void {
    this.#space.clear();
  }

  #toContact(id: string, { name, pushName }: Names): Contact {
    const lid = id.endsWith('@lid') ? id : this.#lidOf(id);
    return {
      contactId: id,
      phoneNumber: phoneNumberOf(id) ?? null,
      lid: lid ?? null,
      name: name ?? null,
      pushName: pushName ?? null,
    };
  }

  #read(id: string): Names | undefined {
    const bytes = this.#space.get(id);
    return bytes === undefined ? undefined : JSON.parse(bytes.toString());
  }
}

const short = (field: keyof Names, text: string | undefined): Names =>
  text ? { [field]: text.slice(0, MAX_NAME) } : {};
