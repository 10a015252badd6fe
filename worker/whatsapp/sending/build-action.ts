import {
  type AnyMessageContent,
  normalizeMessageContent,
  type proto,
  type WAMessage,
  type WAMessageKey,
} from '@whiskeysockets/baileys';
import { AppError } from '../../../shared/errors/app-error.ts';
import { EDIT_WINDOW_MS } from '../../../shared/messages/actions.ts';
import type { Reaction } from '../../../shared/messages/content.ts';
import type { SendBody } from '../../../shared/messages/schema.ts';
import type { GroupVerbs } from './group-verbs.ts';

export interface ActionDeps {
  getMessage: (key: WAMessageKey) => Promise<proto.IMessage | undefined>;
  /** When a message of ours was sent, while it is remembered. */
  sentAt: (messageId: string) => Date | undefined;
  /** Somebody else's message, while it is remembered. */
  quotable: (messageId: string) => WAMessage | undefined;
  groups: Pick<GroupVerbs, 'nameIn' | 'isAdmin'>;
}

const isGroup = (jid: string) => jid.endsWith('@g.us');

/**
 * Builds an edit or a revocation within WhatsApp's rules: its server accepts what breaks them, and phones
 * then ignore it silently.
 * @throws AppError CONFLICT, FORBIDDEN, VALIDATION_ERROR
 */
export async function buildAction(action: MessageAction, deps: ActionDeps): Promise<AnyMessageContent> {
  const { to, targetId } = action;
  if (action.type === 'revoke') return { delete: await revocable(action, deps) };
  const ours = await deps.getMessage({ remoteJid: to, id: targetId, fromMe: true });
  const sentAt = deps.sentAt(targetId);
  if (ours === undefined || sentAt === undefined) throw new AppError('CONFLICT', NOT_OURS);
  const content = normalizeMessageContent(ours);
  if (!content?.conversation && !content?.extendedTextMessage) throw new AppError('CONFLICT', NOT_A_TEXT);
  if (Date.now() - sentAt.getTime() > EDIT_WINDOW_MS) throw new AppError('CONFLICT', TOO_LATE);
  return {
    text: action.message,
    edit: { remoteJid: to, id: targetId, fromMe: true },
    linkPreview: null,
    ...(action.mentions === undefined ? {} : { mentions: action.mentions }),
  };
}

/** @throws AppError VALIDATION_ERROR where in a group nobody knows who wrote the message */
export async function buildReaction(
  to: string,
  { messageId, emoji, fromMe, from }: Reaction,
  deps: ActionDeps,
): Promise<AnyMessageContent> {
  return { react: { key: await keyOf(to, messageId, { fromMe, from }, deps), text: emoji } };
}

async function revocable(
  { to, targetId, fromMe, from }: Extract<MessageAction, { type: 'revoke' }>,
  deps: ActionDeps,
): Promise<WAMessageKey> {
  const theirs = fromMe === undefined && (from !== undefined || deps.quotable(targetId) !== undefined);
  const key = await keyOf(to, targetId, { fromMe: !theirs, from }, deps);
  if (key.fromMe) return key;
  if (!isGroup(to)) throw new AppError('CONFLICT', NOT_REVOCABLE);
  if (!(await deps.groups.isAdmin(to))) throw new AppError('FORBIDDEN', NOT_ADMIN);
  return key;
}

/** The key of a message: in groups its author belongs to it, in the group's way of addressing. */
async function keyOf(
  to: string,
  id: string,
  { fromMe, from }: { fromMe?: boolean | undefined; from?: string | undefined },
  deps: ActionDeps,
): Promise<WAMessageKey> {
  const theirs = deps.quotable(id);
  const known = theirs === undefined && (await deps.getMessage({ remoteJid: to, id, fromMe: true }));
  const isOurs = fromMe ?? (from === undefined && Boolean(known));
  if (isOurs || !isGroup(to)) return { remoteJid: to, id, fromMe: isOurs };
  const author = theirs?.key.participant ?? from;
  if (!author)
    throw new AppError('VALIDATION_ERROR', NO_AUTHOR, { details: [{ path: 'from', message: NO_AUTHOR }] });
  return { remoteJid: to, id, fromMe: false, participant: await deps.groups.nameIn(to, author) };
}

const NOT_OURS =
  'Only texts that this session has sent itself can be edited, and it does not remember one with this id.';
const NOT_A_TEXT = 'Only texts can be edited; this message is none.';
const TOO_LATE = 'WhatsApp allows edits for 15 minutes after sending; this message is older. Send another.';
const NOT_REVOCABLE = 'In a chat with one person only messages of one’s own can be revoked.';
const NOT_ADMIN = 'Only an admin of the group can revoke messages of others.';
const NO_AUTHOR = 'Name who wrote the message in "from": in a group its id alone does not tell.';

/** What changes a message that was sent before: a message of its own to WhatsApp. */
export type MessageAction =
  | { type: 'edit'; to: string; targetId: string; message: string; mentions?: string[] | undefined }
  | {
      type: 'revoke';
      to: string;
      targetId: string;
      fromMe?: boolean | undefined;
      from?: string | undefined;
    };

/** Everything that leaves as a message. */
export type OutgoingBody = SendBody | MessageAction;
export type Outgoing = OutgoingBody & { messageId?: string | undefined; epoch?: number | undefined };

export const isAction = <B extends OutgoingBody>(body: B): body is Extract<B, MessageAction> =>
  body.type === 'edit' || body.type === 'revoke';
