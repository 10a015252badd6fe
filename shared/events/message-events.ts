import { defineEvent } from './define-event.ts';
import { EXAMPLE_AT, EXAMPLE_PERSON, EXAMPLE_SESSION_ID } from './event-fields.ts';
import {
  EventResponseData,
  MessageEditedData,
  MessageFailedData,
  MessageReactionData,
  MessageReceivedData,
  MessageRevokedData,
  MessageSentData,
  MessageStatusData,
  MessageUndecryptableData,
  PollVoteData,
} from './message-data.ts';

const OWN = '6281200000001@s.whatsapp.net';
const FRIEND = '6281234567890@s.whatsapp.net';
const SENT = '3EB0A1B2C3D4E5F60718';
const RECEIVED = '3A77A0D1E2F3A4B5C6D7';

/** What everything that somebody wrote begins with. */
const BY_FRIEND = {
  id: '3A12BBA21C685DF94779',
  sessionId: EXAMPLE_SESSION_ID,
  chatId: EXAMPLE_PERSON.lid,
  from: FRIEND,
  ...EXAMPLE_PERSON,
  to: OWN,
  fromMe: false,
  isGroup: false,
  pushName: 'Grace',
  sender: { ...EXAMPLE_PERSON, name: 'Grace' },
  chat: { id: EXAMPLE_PERSON.lid, kind: 'direct' },
  timestamp: EXAMPLE_AT,
  offline: false,
} as const;

export const messageReceived = defineEvent({
  type: 'message.received',
  frame: 'message_received',
  summary: 'Somebody wrote.',
  description:
    'A file comes as `media`; in webhooks with a `url` that is good for an hour from each attempt.',
  data: MessageReceivedData,
  reports: ['message_received'],
  example: { ...BY_FRIEND, type: 'text', content: 'Thank you' },
});

export const messageSent = defineEvent({
  type: 'message.sent',
  summary:
    'A new message left: through the gateway, or written on the account’s own phone. `source` tells which.',
  description:
    'Of your own edits, revocations and reactions `message.status` tells, under the id that their call answered.',
  data: MessageSentData,
  reports: ['message_sent'],
  example: {
    id: SENT,
    messageId: SENT,
    sessionId: EXAMPLE_SESSION_ID,
    source: 'api',
    chatId: EXAMPLE_PERSON.lid,
    from: OWN,
    to: FRIEND,
    isGroup: false,
    type: 'text',
    content: 'Hello',
    status: 'sent',
    timestamp: EXAMPLE_AT,
  },
});

export const messageStatus = defineEvent({
  type: 'message.status',
  frame: 'message_status_update',
  summary: 'A message got further: sent, delivered, read, played.',
  data: MessageStatusData,
  reports: ['message-status'],
  example: {
    messageId: SENT,
    sessionId: EXAMPLE_SESSION_ID,
    status: 'delivered',
    to: FRIEND,
    timestamp: EXAMPLE_AT,
  },
});

export const messageFailed = defineEvent({
  type: 'message.failed',
  summary: 'A message will not arrive; `error` and `errorCode` say why.',
  data: MessageFailedData,
  reports: ['message-status', 'message_failed'],
  example: {
    messageId: SENT,
    sessionId: EXAMPLE_SESSION_ID,
    status: 'failed',
    to: FRIEND,
    error: 'WhatsApp does not know the recipient.',
    errorCode: '404',
    timestamp: EXAMPLE_AT,
  },
});

export const messageReaction = defineEvent({
  type: 'message.reaction',
  summary: 'Somebody reacted to the message `messageId`; an `emoji` of null takes it back.',
  data: MessageReactionData,
  reports: ['message_reaction'],
  example: { ...BY_FRIEND, messageId: SENT, emoji: '🙏' },
});

export const messageEdited = defineEvent({
  type: 'message.edited',
  summary: 'Somebody changed the text of `messageId`.',
  data: MessageEditedData,
  reports: ['message_edited'],
  example: { ...BY_FRIEND, messageId: RECEIVED, content: 'Thank you all' },
});

export const messageRevoked = defineEvent({
  type: 'message.revoked',
  summary: 'Somebody deleted `messageId` for everyone.',
  data: MessageRevokedData,
  reports: ['message_revoked'],
  example: { ...BY_FRIEND, messageId: RECEIVED },
});

export const messageUndecryptable = defineEvent({
  type: 'message.undecryptable',
  summary: 'Somebody wrote a message that cannot be read here; `reason` says why.',
  description: 'Where its content comes later, `message.received` follows with the same `id`.',
  data: MessageUndecryptableData,
  reports: ['message_undecryptable'],
  example: { ...BY_FRIEND, messageId: BY_FRIEND.id, reason: 'view_once' },
});

export const pollVote = defineEvent({
  type: 'poll.vote',
  summary: 'Somebody voted in the poll `messageId`; `options` is all that they choose now.',
  data: PollVoteData,
  reports: ['poll_vote'],
  example: { ...BY_FRIEND, messageId: SENT, options: ['Rendang'] },
});

export const eventResponse = defineEvent({
  type: 'event.response',
  summary: 'Somebody answered the event `messageId`.',
  data: EventResponseData,
  reports: ['event_response'],
  example: { ...BY_FRIEND, messageId: SENT, response: 'going', guests: 1 },
});
