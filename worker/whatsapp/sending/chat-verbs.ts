import type { WAMessage, WASocket } from '@whiskeysockets/baileys';
import type { NumberCheck, SetPresence } from '../../../shared/conversations/schema.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { readPerson } from '../reading/read-jid.ts';
import { askWhatsApp } from '../socket/ask-whatsapp.ts';
import type { GroupVerbs } from './group-verbs.ts';

/** An account's actions in its chats other than sending. Each throws AppError as `askWhatsApp` says. */
export interface ChatVerbs {
  readonly groups: GroupVerbs;
  /** In the order of `digits`, which are phone numbers without `+`. */
  check(digits: readonly string[]): Promise<NumberCheck[]>;
  presence(presence: SetPresence): Promise<void>;
  /** `from`: the author, where that is not known otherwise. */
  read(message: { to: string; messageId: string; from?: string | undefined }): Promise<void>;
}

export interface ChatVerbDeps {
  groups: GroupVerbs;
  lidOf: (jid: string) => string | undefined;
  /** A message of somebody else's, while it is remembered. */
  quotable: (messageId: string) => WAMessage | undefined;
}

const WORD = {
  available: 'available',
  unavailable: 'unavailable',
  typing: 'composing',
  recording: 'recording',
  paused: 'paused',
} as const;

export function createChatVerbs(socket: WASocket, { groups, lidOf, quotable }: ChatVerbDeps): ChatVerbs {
  return {
    groups,
    async check(digits) {
      const found = (await askWhatsApp(() => socket.onWhatsApp(...digits))) ?? [];
      const existing = new Set(found.filter(({ exists }) => exists).map(({ jid }) => readPerson(jid).pn));
      return digits.map((each) => {
        const jid = `${each}@s.whatsapp.net`;
        const exists = existing.has(jid);
        const lid = exists ? (lidOf(jid) ?? null) : null;
        return { phoneNumber: `+${each}`, exists, contactId: exists ? jid : null, lid };
      });
    },
    async presence({ presence, to }) {
      // Without a name Baileys drops it silently (`chats.js`, sendPresenceUpdate).
      const isForAll = presence === 'available' || presence === 'unavailable';
      if (isForAll && !socket.authState.creds.me?.name)
        throw new AppError(
          'SESSION_NOT_CONNECTED',
          'WhatsApp has not told this account’s name yet, without which nobody is shown as online.',
        );
      await askWhatsApp(() => socket.sendPresenceUpdate(WORD[presence], to));
    },
    async read({ to, messageId, from }) {
      const known = quotable(messageId)?.key;
      const isGroup = to.endsWith('@g.us');
      const author = isGroup ? (known?.participant ?? from) : undefined;
      if (isGroup && !author)
        throw new AppError(
          'VALIDATION_ERROR',
          'Name who wrote the message in "from": in a group its id does not tell.',
        );
      const participant = author ? { participant: await groups.nameIn(to, author) } : {};
      // Receipts go to the address that the message came from, number or LID.
      const remoteJid = isGroup ? to : (known?.remoteJid ?? to);
      await askWhatsApp(() =>
        socket.readMessages([{ remoteJid, id: messageId, fromMe: false, ...participant }]),
      );
    },
  };
}
