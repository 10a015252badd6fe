import * as z from 'zod';
import {
  MessageCatalog,
  MessageInteractive,
  MessageOrder,
  MessagePayment,
  MessageProduct,
  MessageReply,
} from './company-parts.ts';
import {
  MessageAlbum,
  MessageCalendarEvent,
  MessageCall,
  MessageChannelInvite,
  MessageContact,
  MessageGroupInvite,
  MessageLinkPreview,
  MessageLocation,
  MessagePin,
  MessagePoll,
  MessageStickerPack,
} from './content-parts.ts';
import { contextFields } from './message-context.ts';
import { MessageMedia } from './message-media.ts';

const content = z.string().nullable().meta({
  description: 'What a person would read: the text, the caption of a file, the question of a poll, …',
});

/** What is there beside the text, by the name under which a message carries it. */
export const parts = {
  media: MessageMedia,
  linkPreview: MessageLinkPreview,
  location: MessageLocation,
  contacts: z.array(MessageContact),
  poll: MessagePoll,
  event: MessageCalendarEvent,
  groupInvite: MessageGroupInvite,
  channelInvite: MessageChannelInvite,
  product: MessageProduct,
  catalog: MessageCatalog,
  order: MessageOrder,
  payment: MessagePayment,
  interactive: MessageInteractive,
  reply: MessageReply,
  call: MessageCall,
  pin: MessagePin,
  album: MessageAlbum,
  stickerPack: MessageStickerPack,
  unsupported: z
    .object({ kind: z.string().meta({ description: 'WhatsApp’s own name for it.' }) })
    .meta({ title: 'MessageUnsupported' }),
};

const {
  media,
  linkPreview,
  location,
  contacts,
  poll,
  event,
  groupInvite,
  channelInvite,
  product,
  catalog,
  order,
  payment,
  interactive,
  reply,
  call,
  pin,
  album,
  stickerPack,
  unsupported,
} = parts;

/**
 * What somebody wrote, by its `type`, beside fields that every message has.
 * @param name of the schemas in the OpenAPI document, each with its type behind it
 */
export function messageUnion<S extends z.ZodRawShape>(fields: S, name: string) {
  const form = <P extends z.ZodRawShape>(type: string, shape: P) =>
    z.object({ ...fields, content, ...contextFields, ...shape }).meta({ id: `${name}${type}` });
  return z.discriminatedUnion('type', [
    form('Text', { type: z.literal('text'), linkPreview: linkPreview.optional() }),
    form('Image', { type: z.literal('image'), media }),
    form('Video', { type: z.literal('video'), media }),
    form('Audio', { type: z.literal('audio'), media }),
    form('Document', { type: z.literal('document'), media }),
    form('Sticker', { type: z.literal('sticker'), media }),
    form('Location', { type: z.literal('location'), location }),
    form('Contact', { type: z.literal('contact'), contacts }),
    form('Poll', { type: z.literal('poll'), poll }),
    form('CalendarEvent', { type: z.literal('event'), event }),
    form('GroupInvite', { type: z.literal('group_invite'), groupInvite }),
    form('ChannelInvite', { type: z.literal('channel_invite'), channelInvite }),
    form('Product', { type: z.literal('product'), product, media: media.optional() }),
    form('Catalog', { type: z.literal('catalog'), catalog, media: media.optional() }),
    form('Order', { type: z.literal('order'), order }),
    form('Payment', { type: z.literal('payment'), payment }),
    form('Template', { type: z.literal('template'), interactive, media: media.optional() }),
    form('Buttons', { type: z.literal('buttons'), interactive, media: media.optional() }),
    form('List', { type: z.literal('list'), interactive }),
    form('Interactive', { type: z.literal('interactive'), interactive, media: media.optional() }),
    form('Reply', { type: z.literal('reply'), reply }),
    form('Call', { type: z.literal('call'), call }),
    form('Pin', { type: z.literal('pin'), pin }),
    form('Album', { type: z.literal('album'), album }),
    form('StickerPack', { type: z.literal('sticker_pack'), stickerPack }),
    form('Unsupported', { type: z.literal('unsupported'), unsupported }),
  ]);
}

/** What a message says, without who said it where. */
export const MessageContent = messageUnion({}, 'MessageContent');
export type MessageContent = z.infer<typeof MessageContent>;
export type ContentType = MessageContent['type'];

export const CONTENT_TYPES: readonly ContentType[] = MessageContent.options.flatMap(({ shape }) => [
  ...shape.type.values,
]);

/** The same fields where not all of them need be known: of what was sent, and of what is kept. */
export const looseContentFields = {
  content,
  ...contextFields,
  ...(z.object(parts).partial().shape as { [K in keyof typeof parts]: z.ZodOptional<(typeof parts)[K]> }),
};
