import * as z from 'zod';
import { text, VISIBLE } from '../text/text.ts';
import { Mentions, MessageTarget } from './content.ts';
import { Emoji } from './emoji.ts';
import { Recipient } from './recipient.ts';

/** WhatsApp's phones ignore an edit that comes later. */
export const EDIT_WINDOW_MS = 15 * 60_000;

const ABOUT_MESSAGES: ReadonlySet<string | undefined> = new Set(['reaction', 'edit', 'revoke']);

/**
 * Tells whether a message of this type is about another message; such messages are neither counted nor
 * listed.
 */
export const isAboutMessage = (type: string | undefined): boolean => ABOUT_MESSAGES.has(type);

/** The chat of the message. */
const Chat = Recipient.meta({ description: 'The chat it stands in: a phone number or a full JID.' });
const { fromMe, from } = MessageTarget.shape;

/** What the calls about one message carry beside its id, which is in the path. */
export const TargetFields = z.object({ to: Chat, fromMe, from });

const newText = text()
  .max(65_536, 'a text has at most 65,536 characters')
  .regex(VISIBLE, 'it must not be empty');

export const ReactFields = TargetFields.extend({ emoji: Emoji });
export const EditFields = z.object({ to: Chat, message: newText, mentions: Mentions.optional() });
export const RevokeFields = TargetFields;

/** The same on the tenant API, where the gateway knows the chats of messages that it has sent itself. */
const OptionalChat = z.object({
  to: Chat.optional().meta({
    description: 'The chat it stands in. May be left out for messages that were sent through the gateway.',
  }),
});
export const TenantReact = ReactFields.extend(OptionalChat.shape).meta({
  id: 'ReactToMessage',
  examples: [{ emoji: '👍' }],
});
export const TenantEdit = EditFields.extend(OptionalChat.shape).meta({
  id: 'EditMessage',
  examples: [{ message: 'Hello from the gateway, corrected' }],
});
export const TenantRead = TargetFields.pick({ from: true })
  .extend({ to: Chat })
  .meta({ id: 'ReadMessage', examples: [{ to: '6281234567890' }] });
export const RevokeQuery = z.object({
  ...OptionalChat.shape,
  from: from.meta({
    description: 'Who wrote it, for a message of somebody else in a group that this session’s account leads.',
  }),
});
