import { proto } from '@whiskeysockets/baileys';
import type { MediaStore } from '../media/media-store.ts';
import { sha256 } from '../signal/kdf.ts';
import { openWithSecret, type SecretUse } from '../signal/message-secret.ts';
import type { Account, RememberedMessage } from '../world/account.ts';
import type { World } from '../world/world.ts';
import { contentOf, secretOf } from './past-messages.ts';
import { type ReadMessage, readMessage } from './read-message.ts';

type Sealed = { encPayload?: Uint8Array | null; encIv?: Uint8Array | null };

const nothing = { caption: null, filename: null, mimetype: null, media: null } as const;

/** What a sealed change or answer says; null for messages that are none. */
export function readSealed(
  world: World,
  reader: Account,
  about: { chat: string; author: Account; message: proto.IMessage; store: MediaStore },
): ReadMessage | null {
  const { chat, author, message, store } = about;
  const { secretEncryptedMessage, pollUpdateMessage, encEventResponseMessage, encReactionMessage } = message;
  const open = (key: proto.IMessageKey | null | undefined, use: SecretUse, sealed: Sealed) =>
    unseal(world, reader.recall(chat, key?.id ?? ''), { author, use, sealed });
  if (secretEncryptedMessage) {
    const { targetMessageKey: key, secretEncType } = secretEncryptedMessage;
    const isEvent = secretEncType === proto.Message.SecretEncryptedMessage.SecretEncType.EVENT_EDIT;
    const inner = proto.Message.decode(
      open(key, isEvent ? 'Event Edit' : 'Message Edit', secretEncryptedMessage),
    );
    const edited = inner.protocolMessage?.editedMessage ?? inner;
    const text = readMessage(edited, store)?.text ?? edited.eventMessage?.name ?? null;
    return { ...nothing, type: 'edit', text, details: { messageId: key?.id ?? '', sealed: true } };
  }
  if (pollUpdateMessage) {
    const { pollCreationMessageKey: key, vote } = pollUpdateMessage;
    const { selectedOptions } = proto.Message.PollVoteMessage.decode(open(key, 'Poll Vote', vote ?? {}));
    const options = optionsOf(reader.recall(chat, key?.id ?? ''), selectedOptions);
    return {
      ...nothing,
      type: 'vote',
      text: options.join(', '),
      details: { messageId: key?.id ?? '', options },
    };
  }
  if (encEventResponseMessage) {
    const { eventCreationMessageKey: key } = encEventResponseMessage;
    const answer = proto.Message.EventResponseMessage.decode(
      open(key, 'Event Response', encEventResponseMessage),
    );
    const response = proto.Message.EventResponseMessage.EventResponseType[answer.response ?? 0] ?? 'UNKNOWN';
    return {
      ...nothing,
      type: 'event answer',
      text: response,
      details: { messageId: key?.id ?? '', response },
    };
  }
  if (encReactionMessage) {
    const { targetMessageKey: key } = encReactionMessage;
    const { text } = proto.Message.ReactionMessage.decode(open(key, 'Enc Reaction', encReactionMessage));
    const details = { emoji: text ?? '', messageId: key?.id ?? '', sealed: true };
    return { ...nothing, type: 'reaction', text: text ?? '', details };
  }
  return null;
}

function unseal(
  world: World,
  original: RememberedMessage | undefined,
  { author, use, sealed }: { author: Account; use: SecretUse; sealed: Sealed },
): Buffer {
  const secret = secretOf(original);
  const wrote = original && world.accounts.get(original.from);
  if (!original || !secret || !wrote) throw new Error('The secret of the original message is not known.');
  for (const originalForm of ['lid', 'pn'] as const)
    for (const form of ['lid', 'pn'] as const)
      try {
        const names = { originalSender: wrote.jid(originalForm), modifier: author.jid(form) };
        const context = { secret, use, originalId: original.id, ...names };
        return openWithSecret(context, sealed.encPayload ?? Buffer.alloc(0), sealed.encIv ?? Buffer.alloc(0));
      } catch {
        // Sealed by the other name of one of the two.
      }
  throw new Error('What was sealed cannot be opened with the secret of the original message.');
}

function optionsOf(poll: RememberedMessage | undefined, hashes: readonly Uint8Array[]): string[] {
  const content = poll && contentOf(poll);
  const creation =
    content?.pollCreationMessage ?? content?.pollCreationMessageV2 ?? content?.pollCreationMessageV3;
  const byHash = new Map(
    (creation?.options ?? []).map(({ optionName }) => [
      sha256(Buffer.from(optionName ?? '')).toString('hex'),
      optionName ?? '',
    ]),
  );
  return hashes.map((hash) => byHash.get(Buffer.from(hash).toString('hex')) ?? '?');
}
