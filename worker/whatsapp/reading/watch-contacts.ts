import type { BaileysEventMap, Contact, WASocket } from '@whiskeysockets/baileys';
import type { ContactBook } from '../state/contact-book.ts';
import { readPerson } from './read-jid.ts';

/** Writes down whom the account meets: senders of messages, and people of chat lists and address books. */
export function watchContacts(socket: Pick<WASocket, 'ev'>, book: ContactBook): () => void {
  const learn = (contacts: readonly Partial<Contact>[]) => {
    for (const { id, lid, phoneNumber, name, notify, verifiedName } of contacts)
      book.learn(readPerson(id, phoneNumber, lid), { name, pushName: notify ?? verifiedName });
  };
  const onHistory = ({ contacts }: BaileysEventMap['messaging-history.set']) => learn(contacts);
  socket.ev.on('contacts.upsert', learn);
  socket.ev.on('contacts.update', learn);
  socket.ev.on('messaging-history.set', onHistory);
  return () => {
    socket.ev.off('contacts.upsert', learn);
    socket.ev.off('contacts.update', learn);
    socket.ev.off('messaging-history.set', onHistory);
  };
}
