import { type Person, readPerson } from './read-jid.ts';

/** Whom the session knows: with it, one person looks the same wherever they are named. */
export interface People {
  /** With the other name, where WhatsApp has told it. */
  complete(person: Person): Person;
  isMe(person: Person): boolean;
  /** As the address book and they themselves call them. */
  namesOf(person: Person): { name?: string | undefined; pushName?: string | undefined };
  /** Of a group, where its metadata has been asked for already. */
  subjectOf(groupJid: string): string | undefined;
}

/** Of a session that knows nobody. */
export const NOBODY: People = {
  complete: (person) => person,
  isMe: () => false,
  namesOf: () => ({}),
  subjectOf: () => undefined,
};

/** What a session remembers of names. */
export interface NameSources {
  me: { id: string; lid: string | undefined } | undefined;
  lidOf(jid: string): string | undefined;
  pnOf(lid: string): string | undefined;
  namesOf: People['namesOf'];
  subjectOf: People['subjectOf'];
}

export function createPeople(sources: () => NameSources): People {
  return {
    complete: ({ pn, lid }) => ({
      pn: pn ?? (lid === undefined ? undefined : sources().pnOf(lid)),
      lid: lid ?? (pn === undefined ? undefined : sources().lidOf(pn)),
    }),
    isMe: ({ pn, lid }) => {
      const { me } = sources();
      const own = readPerson(me?.id, me?.lid);
      return (pn !== undefined && pn === own.pn) || (lid !== undefined && lid === own.lid);
    },
    namesOf: (person) => sources().namesOf(person),
    subjectOf: (groupJid) => sources().subjectOf(groupJid),
  };
}
