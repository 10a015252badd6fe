import { proto } from '@whiskeysockets/baileys';
import { SandboxError } from '../sandbox-error.ts';
import { sha256 } from '../signal/kdf.ts';
import { type SecretUse, sealWithSecret } from '../signal/message-secret.ts';
import type { OutgoingMessage } from '../verbs.ts';
import type { Addressing } from '../wire/jid.ts';
import { nowSeconds } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import type { World } from '../world/world.ts';
import { composeEvent } from './compose.ts';
import { secretOf } from './past-messages.ts';
import type { Content } from './send-content.ts';

/** Whose phone writes, in which chat, and by which JIDs it seals. */
export type Sealing = {
  world: World;
  account: Account;
  /** The chat as the phone knows it: a number, or the JID of a group. */
  chat: string;
  chatJid: string;
  addressing: Addressing;
};

type Target = { messageId: string; from?: string | undefined };

/** A change or an answer that leaves sealed with the secret of the message it is about. */
export function composeSealed(given: OutgoingMessage, sealing: Sealing): Content | null {
  const { SecretEncType } = proto.Message.SecretEncryptedMessage;
  if (given.edit) {
    const { key, ...sealed } = seal(
      sealing,
      given.edit,
      'Message Edit',
      editOf(given.edit.text, sealing, given.edit),
    );
    const content = {
      secretEncryptedMessage: { targetMessageKey: key, ...sealed, secretEncType: SecretEncType.MESSAGE_EDIT },
    };
    return { content, type: 'text', edit: '1' };
  }
  if (given.eventEdit) {
    const changed = proto.Message.encode({ eventMessage: composeEvent(given.eventEdit) }).finish();
    const { key, ...sealed } = seal(sealing, given.eventEdit, 'Event Edit', changed);
    const content = {
      secretEncryptedMessage: { targetMessageKey: key, ...sealed, secretEncType: SecretEncType.EVENT_EDIT },
    };
    return { content, type: 'event', edit: '1' };
  }
  if (given.vote) {
    const selectedOptions = given.vote.options.map((option) => sha256(Buffer.from(option)));
    const vote = proto.Message.PollVoteMessage.encode({ selectedOptions }).finish();
    const { key, ...sealed } = seal(sealing, given.vote, 'Poll Vote', vote);
    const pollUpdateMessage = {
      pollCreationMessageKey: key,
      vote: sealed,
      senderTimestampMs: Date.now(),
    };
    return { content: { pollUpdateMessage }, type: 'poll' };
  }
  if (given.eventAnswer) return composeAnswer(given.eventAnswer, sealing);
  if (given.comment) {
    const text = proto.Message.encode({ extendedTextMessage: { text: given.comment.text } }).finish();
    const { key, ...sealed } = seal(sealing, given.comment, 'Enc Comment', text);
    return { content: { encCommentMessage: { targetMessageKey: key, ...sealed } }, type: 'text' };
  }
  return null;
}

/** As in announcement groups. */
export function composeSealedReaction(
  reaction: NonNullable<OutgoingMessage['reaction']>,
  sealing: Sealing,
): Content {
  const text = proto.Message.ReactionMessage.encode({
    text: reaction.emoji,
    senderTimestampMs: Date.now(),
  }).finish();
  const { key, ...sealed } = seal(sealing, reaction, 'Enc Reaction', text);
  return { content: { encReactionMessage: { targetMessageKey: key, ...sealed } }, type: 'reaction' };
}

/** Whether the phone knows the secret that a change of this message needs. */
export function canSeal({ account, chat }: Sealing, { messageId }: Target): boolean {
  return secretOf(account.recall(chat, messageId)) !== null;
}

function composeAnswer(
  { response, guests, ...target }: NonNullable<OutgoingMessage['eventAnswer']>,
  sealing: Sealing,
): Content {
  const { EventResponseType } = proto.Message.EventResponseMessage;
  const words = {
    going: EventResponseType.GOING,
    not_going: EventResponseType.NOT_GOING,
    maybe: EventResponseType.MAYBE,
  };
  const answer = proto.Message.EventResponseMessage.encode({
    response: words[response],
    timestampMs: Date.now(),
    extraGuestCount: guests ?? 0,
  }).finish();
  const { key, ...sealed } = seal(sealing, target, 'Event Response', answer);
  return { content: { encEventResponseMessage: { eventCreationMessageKey: key, ...sealed } }, type: 'event' };
}

function editOf(text: string, { chatJid }: Sealing, { messageId }: Target): Uint8Array {
  const protocolMessage = {
    key: { remoteJid: chatJid, id: messageId, fromMe: true },
    type: proto.Message.ProtocolMessage.Type.MESSAGE_EDIT,
    editedMessage: { conversation: text },
    timestampMs: nowSeconds() * 1000,
  };
  return proto.Message.encode({ protocolMessage }).finish();
}

function seal(sealing: Sealing, target: Target, use: SecretUse, plaintext: Uint8Array) {
  const { world, account, chat, chatJid, addressing } = sealing;
  const original = account.recall(chat, target.messageId);
  const secret = secretOf(original);
  const author = original && world.accounts.get(original.from);
  if (!secret || !author)
    throw new SandboxError(
      409,
      `${account.number} does not know the secret of ${target.messageId} in the chat ${chat}.`,
    );
  const context = {
    secret,
    use,
    originalId: target.messageId,
    originalSender: author.jid(addressing),
    modifier: account.jid(addressing),
  };
  const fromMe = author === account;
  const participant = chat.endsWith('@g.us') && !fromMe ? { participant: author.jid(addressing) } : {};
  const key = { remoteJid: chatJid, id: target.messageId, fromMe, ...participant };
  return { key, ...sealWithSecret(context, plaintext) };
}
