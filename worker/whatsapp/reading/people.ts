import type { Person } from './read-jid.ts';

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
