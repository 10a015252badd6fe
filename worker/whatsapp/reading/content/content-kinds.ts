import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '../../../../shared/messages/model/message-content.ts';
import {
  readInvoice,
  readOrder,
  readPaymentAnswer,
  readPaymentInvite,
  readPaymentRequest,
  readPaymentSent,
  readProduct,
} from './read-commerce.ts';
import {
  readButtons,
  readHighlyStructured,
  readInteractive,
  readList,
  readTemplate,
} from './read-company.ts';
import { readContact, readContacts } from './read-contacts.ts';
import { readAudio, readDocument, readImage, readSticker, readVideo, readVideoNote } from './read-file.ts';
import { readLiveLocation, readLocation } from './read-location.ts';
import {
  readAlbum,
  readCallLog,
  readChannelInvite,
  readGroupInvite,
  readKeep,
  readPin,
  readScheduledCall,
  readScheduledCallEdit,
  readStickerPack,
} from './read-notice-content.ts';
import { readCalendarEvent, readPoll, readPollResult } from './read-poll.ts';
import { readButtonReply, readFlowReply, readListReply, readTemplateReply } from './read-reply.ts';
import { readAnswerText, readConversation, readExtendedText, readRichResponse } from './read-text.ts';
import type { Reading } from './reading.ts';

export type ContentKey = keyof proto.IMessage;
export type BodyOf<K extends ContentKey> = NonNullable<proto.IMessage[K]>;
type Reader<K extends ContentKey> = (body: BodyOf<K>, reading: Reading) => MessageContent | undefined;

/**
 * What a field of WhatsApp's message is: content that a reader gives its form; `about`, said about another message;
 * `wrapper`, around a message; `protocol`, traffic between devices that says nothing to people; `unsupported`, a
 * message of a kind that has no form here, of which people are told by its name.
 */
type Kind<K extends ContentKey> = 'about' | 'wrapper' | 'protocol' | 'unsupported' | Reader<K>;

/** Every field there is. Where a message has several, the first in this order counts. */
export const CONTENT_KINDS: { readonly [K in ContentKey]-?: Kind<K> } = {
  protocolMessage: 'about',
  reactionMessage: 'about',
  encReactionMessage: 'about',
  secretEncryptedMessage: 'about',
  pollUpdateMessage: 'about',
  encEventResponseMessage: 'about',
  encCommentMessage: 'about',
  commentMessage: 'about',

  deviceSentMessage: 'wrapper',
  ephemeralMessage: 'wrapper',
  viewOnceMessage: 'wrapper',
  viewOnceMessageV2: 'wrapper',
  viewOnceMessageV2Extension: 'wrapper',
  documentWithCaptionMessage: 'wrapper',
  editedMessage: 'wrapper',
  groupMentionedMessage: 'wrapper',
  botInvokeMessage: 'wrapper',
  botTaskMessage: 'wrapper',
  botForwardedMessage: 'wrapper',
  lottieStickerMessage: 'wrapper',
  eventCoverImage: 'wrapper',
  associatedChildMessage: 'wrapper',
  pollCreationOptionImageMessage: 'wrapper',
  pollCreationMessageV4: 'wrapper',
  statusMentionMessage: 'wrapper',
  groupStatusMentionMessage: 'wrapper',
  groupStatusMessage: 'wrapper',
  groupStatusMessageV2: 'wrapper',
  statusAddYours: 'wrapper',
  limitSharingMessage: 'wrapper',
  questionMessage: 'wrapper',
  questionReplyMessage: 'wrapper',

  conversation: readConversation,
  extendedTextMessage: readExtendedText,
  imageMessage: readImage,
  videoMessage: readVideo,
  ptvMessage: readVideoNote,
  audioMessage: readAudio,
  documentMessage: readDocument,
  stickerMessage: readSticker,
  locationMessage: readLocation,
  liveLocationMessage: readLiveLocation,
  contactMessage: readContact,
  contactsArrayMessage: readContacts,
  pollCreationMessage: readPoll,
  pollCreationMessageV2: readPoll,
  pollCreationMessageV3: readPoll,
  pollCreationMessageV5: readPoll,
  pollResultSnapshotMessage: readPollResult,
  pollResultSnapshotMessageV3: readPollResult,
  eventMessage: readCalendarEvent,
  groupInviteMessage: readGroupInvite,
  newsletterAdminInviteMessage: readChannelInvite(true),
  newsletterFollowerInviteMessageV2: readChannelInvite(false),
  productMessage: readProduct,
  orderMessage: readOrder,
  requestPaymentMessage: readPaymentRequest,
  sendPaymentMessage: readPaymentSent,
  declinePaymentRequestMessage: readPaymentAnswer('declined'),
  cancelPaymentRequestMessage: readPaymentAnswer('cancelled'),
  paymentInviteMessage: readPaymentInvite,
  invoiceMessage: readInvoice,
  templateMessage: readTemplate,
  highlyStructuredMessage: readHighlyStructured,
  buttonsMessage: readButtons,
  listMessage: readList,
  interactiveMessage: readInteractive,
  buttonsResponseMessage: readButtonReply,
  templateButtonReplyMessage: readTemplateReply,
  listResponseMessage: readListReply,
  interactiveResponseMessage: readFlowReply,
  callLogMesssage: readCallLog,
  scheduledCallCreationMessage: readScheduledCall,
  scheduledCallEditMessage: readScheduledCallEdit,
  pinInChatMessage: readPin,
  keepInChatMessage: readKeep,
  albumMessage: readAlbum,
  stickerPackMessage: readStickerPack,
  questionResponseMessage: readAnswerText,
  statusQuestionAnswerMessage: readAnswerText,
  richResponseMessage: readRichResponse,

  call: 'unsupported',
  chat: 'unsupported',
  bcallMessage: 'unsupported',
  requestPhoneNumberMessage: 'unsupported',
  messageHistoryBundle: 'unsupported',
  messageHistoryNotice: 'unsupported',
  placeholderMessage: 'unsupported',
  statusNotificationMessage: 'unsupported',
  statusQuotedMessage: 'unsupported',
  statusStickerInteractionMessage: 'unsupported',

  senderKeyDistributionMessage: 'protocol',
  fastRatchetKeySenderKeyDistributionMessage: 'protocol',
  stickerSyncRmrMessage: 'protocol',

  // Beside it there is always something: where there is not, it is something that this release does not know.
  messageContextInfo: 'unsupported',
};

const RANKS: ReadonlyMap<string, number> = new Map(
  Object.keys(CONTENT_KINDS).map((key, rank) => [key, rank]),
);

/** The field that says what a message is; `undefined` where it has none that is known here. */
export function kindOf(message: proto.IMessage): ContentKey | undefined {
  let first: ContentKey | undefined;
  for (const [key, body] of Object.entries(message)) {
    if (body === null || body === undefined || !isContentKey(key)) continue;
    if (first === undefined || rankOf(key) < rankOf(first)) first = key;
  }
  return first;
}

const isContentKey = (key: string): key is ContentKey => RANKS.has(key);
const rankOf = (key: ContentKey) => RANKS.get(key) ?? RANKS.size;
