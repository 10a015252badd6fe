import * as z from 'zod';
import { MessageLocation } from './content-parts.ts';

/** An amount of money in whole units; WhatsApp counts in thousandths. */
export const MessageMoney = z
  .object({ amount: z.number(), currency: z.string().meta({ examples: ['IDR'] }) })
  .meta({ title: 'MessageMoney' });

export const MessageButton = z
  .object({
    kind: z.enum(['reply', 'url', 'call', 'copy', 'flow', 'list', 'location', 'other']).meta({
      description: '`reply` answers with its id; `flow` opens a form; `other` is named by `name`.',
    }),
    text: z.string(),
    id: z.string().optional(),
    url: z.string().optional(),
    phoneNumber: z.string().optional(),
    name: z.string().optional().meta({ description: 'WhatsApp’s own name of a native flow.' }),
    parameters: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ title: 'MessageButton' });

export const MessageRow = z
  .object({ id: z.string(), title: z.string(), description: z.string().optional() })
  .meta({ title: 'MessageRow' });

const texts = {
  title: z.string().optional().meta({ description: 'The header’s text. Its file is the message’s `media`.' }),
  subtitle: z.string().optional(),
  body: z.string().optional(),
  footer: z.string().optional(),
  location: MessageLocation.optional().meta({ description: 'The header’s.' }),
};

/** What companies send: a text with a header, buttons or rows. */
export const MessageInteractive = z
  .object({
    ...texts,
    buttons: z.array(MessageButton),
    buttonText: z.string().optional().meta({ description: 'Opens the list.' }),
    sections: z.array(z.object({ title: z.string().optional(), rows: z.array(MessageRow) })).optional(),
    cards: z
      .array(z.object({ ...texts, buttons: z.array(MessageButton) }))
      .optional()
      .meta({ description: 'Of a carousel.' }),
    templateId: z.string().optional(),
    parameters: z.array(z.string()).optional().meta({ description: 'Of a highly structured message.' }),
  })
  .meta({ title: 'MessageInteractive' });

/** What somebody has chosen in such a message; `quoted` names it. */
export const MessageReply = z
  .object({
    kind: z.enum(['button', 'list', 'template', 'flow']),
    id: z.string().nullable().meta({ description: 'Of the button or the row; of a flow, its name.' }),
    title: z.string().optional(),
    description: z.string().optional(),
    index: z.number().int().optional(),
    parameters: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: 'What a form was filled in with.' }),
  })
  .meta({ title: 'MessageReply' });

export const MessageProduct = z
  .object({
    productId: z.string().optional(),
    title: z.string().optional(),
    description: z.string().optional(),
    price: MessageMoney.optional(),
    salePrice: MessageMoney.optional(),
    retailerId: z.string().optional(),
    url: z.string().optional(),
    sellerJid: z.string().optional(),
    body: z.string().optional(),
    footer: z.string().optional(),
  })
  .meta({ title: 'MessageProduct' });

export const MessageCatalog = z
  .object({
    title: z.string().optional(),
    description: z.string().optional(),
    sellerJid: z.string().optional(),
    productIds: z.array(z.string()).optional(),
  })
  .meta({ title: 'MessageCatalog' });

export const MessageOrder = z
  .object({
    orderId: z.string(),
    title: z.string().optional(),
    message: z.string().optional(),
    itemCount: z.number().int().optional(),
    total: MessageMoney.optional(),
    status: z
      .string()
      .optional()
      .meta({ examples: ['inquiry', 'accepted', 'declined'] }),
    sellerJid: z.string().optional(),
    token: z
      .string()
      .optional()
      .meta({ description: 'WhatsApp’s own, with which its details are asked for.' }),
  })
  .meta({ title: 'MessageOrder' });

export const MessagePayment = z
  .object({
    kind: z.enum(['request', 'sent', 'declined', 'cancelled', 'invite', 'invoice']),
    total: MessageMoney.optional(),
    note: z.string().optional(),
    requestId: z.string().optional().meta({ description: 'Of the request that it is about.' }),
    expiresAt: z.iso.datetime().optional(),
  })
  .meta({ title: 'MessagePayment' });
