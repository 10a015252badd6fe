import { proto } from '@whiskeysockets/baileys';
import { known, numberOf, textOf, timeOf, wholeOf } from './from-network.ts';
import { readImage } from './read-file.ts';
import type { Of, Reading } from './reading.ts';

type Money = NonNullable<Of<'order'>['order']['total']>;

/** WhatsApp counts thousandths of a currency's unit. */
function moneyOf(thousandths: unknown, currency: string | null | undefined): Money | undefined {
  const amount = numberOf(thousandths);
  return amount === undefined || !currency
    ? undefined
    : { amount: amount / 1000, currency: currency.slice(0, 8).toWellFormed() };
}

export function readProduct(
  body: proto.Message.IProductMessage,
  reading: Reading,
): Of<'product'> | Of<'catalog'> {
  const { product, catalog } = body;
  const sellerJid = textOf(body.businessOwnerJid, 'id');
  if (!product && catalog) {
    const title = textOf(catalog.title, 'line');
    const description = textOf(catalog.description);
    return known({
      type: 'catalog' as const,
      content: textOf(body.body, 'text') ?? title ?? description ?? null,
      catalog: known({ title, description, sellerJid }),
      media: catalog.catalogImage ? readImage(catalog.catalogImage, reading).media : undefined,
    });
  }
  const title = textOf(product?.title, 'line');
  return known({
    type: 'product' as const,
    content: textOf(body.body, 'text') ?? title ?? null,
    product: known({
      productId: textOf(product?.productId, 'id'),
      title,
      description: textOf(product?.description),
      price: moneyOf(product?.priceAmount1000, product?.currencyCode),
      salePrice: moneyOf(product?.salePriceAmount1000, product?.currencyCode),
      retailerId: textOf(product?.retailerId, 'id'),
      url: textOf(product?.url, 'url'),
      sellerJid,
      body: textOf(body.body),
      footer: textOf(body.footer),
    }),
    media: product?.productImage ? readImage(product.productImage, reading).media : undefined,
  });
}

export function readOrder(body: proto.Message.IOrderMessage): Of<'order'> {
  const title = textOf(body.orderTitle, 'line');
  const message = textOf(body.message, 'text');
  return {
    type: 'order',
    content: message ?? title ?? null,
    order: known({
      orderId: textOf(body.orderId, 'id') ?? '',
      title,
      message,
      itemCount: wholeOf(body.itemCount),
      total: moneyOf(body.totalAmount1000, body.totalCurrencyCode),
      status: wordOf(proto.Message.OrderMessage.OrderStatus, body.status),
      sellerJid: textOf(body.sellerJid, 'id'),
      token: textOf(body.token, 'id'),
    }),
  };
}

/** The name of an enumeration's value, in lower case. */
export function wordOf(words: object, value: unknown): string | undefined {
  const word: unknown = (words as Record<string, unknown>)[String(value)];
  return typeof word === 'string' ? word.toLowerCase() : undefined;
}

type Payment = Of<'payment'>['payment'];

const paid = (payment: Payment): Of<'payment'> => ({
  type: 'payment',
  content: payment.note ?? null,
  payment,
});

/** The words that go with a payment are a message of their own. */
function noteOf(note: proto.IMessage | null | undefined): string | undefined {
  return textOf(note?.conversation || note?.extendedTextMessage?.text);
}

export function readPaymentRequest(body: proto.Message.IRequestPaymentMessage): Of<'payment'> {
  const { amount } = body;
  const value = numberOf(amount?.value);
  const offset = numberOf(amount?.offset) || 1000;
  const exact =
    value === undefined || !amount?.currencyCode
      ? undefined
      : moneyOf((value / offset) * 1000, amount.currencyCode);
  return paid(
    known({
      kind: 'request' as const,
      total: exact ?? moneyOf(body.amount1000, body.currencyCodeIso4217),
      note: noteOf(body.noteMessage),
      expiresAt: timeOf(body.expiryTimestamp),
    }),
  );
}

export const readPaymentSent = (body: proto.Message.ISendPaymentMessage): Of<'payment'> =>
  paid(
    known({
      kind: 'sent' as const,
      note: noteOf(body.noteMessage),
      requestId: textOf(body.requestMessageKey?.id, 'id'),
    }),
  );

export const readPaymentAnswer =
  (kind: 'declined' | 'cancelled') =>
  ({ key }: { key?: proto.IMessageKey | null }): Of<'payment'> =>
    paid(known({ kind, requestId: textOf(key?.id, 'id') }));

export const readPaymentInvite = (body: proto.Message.IPaymentInviteMessage): Of<'payment'> =>
  paid(known({ kind: 'invite' as const, expiresAt: timeOf(body.expiryTimestamp) }));

export const readInvoice = (body: proto.Message.IInvoiceMessage): Of<'payment'> =>
  paid(known({ kind: 'invoice' as const, note: textOf(body.note) }));
