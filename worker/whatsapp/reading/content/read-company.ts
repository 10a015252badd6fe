import type { proto } from '@whiskeysockets/baileys';
import type { MessageMedia } from '../../../../shared/messages/model/message-media.ts';
import { firstOf, known, objectOf, textOf } from './from-network.ts';
import { readHeaderFile } from './read-file.ts';
import { placeOf } from './read-location.ts';
import type { Of, Reading } from './reading.ts';

type Interactive = Of<'interactive'>['interactive'];
type Button = Interactive['buttons'][number];
type Company = Of<'template'> | Of<'buttons'> | Of<'list'> | Of<'interactive'>;

const MOST_BUTTONS = 32;
const MOST_SECTIONS = 32;
const MOST_ROWS = 128;
const MOST_CARDS = 16;

/** The text that a person would read first: the body, else what there is above or below it. */
const contentOf = ({ title, subtitle, body, footer }: Interactive): string | null =>
  body ?? title ?? subtitle ?? footer ?? null;

function company<T extends Company['type']>(type: T, interactive: Interactive, media?: MessageMedia) {
  return known({ type, content: contentOf(interactive), interactive, media });
}

export function readTemplate(
  body: proto.Message.ITemplateMessage,
  reading: Reading,
): Of<'template'> | undefined {
  const { interactiveMessageTemplate: inner } = body;
  const hydrated = body.hydratedTemplate ?? body.hydratedFourRowTemplate;
  const templateId = textOf(body.templateId || hydrated?.templateId, 'id');
  if (hydrated) {
    const interactive = known({
      title: textOf(hydrated.hydratedTitleText, 'line'),
      body: textOf(hydrated.hydratedContentText, 'text'),
      footer: textOf(hydrated.hydratedFooterText),
      location: placeOf(hydrated.locationMessage),
      buttons: firstOf(hydrated.hydratedButtons, MOST_BUTTONS).map(templateButton),
      templateId,
    });
    return company('template', interactive, readHeaderFile(hydrated, reading));
  }
  if (inner) {
    const { interactive, media } = readInteractive(inner, reading);
    return company('template', { ...interactive, ...known({ templateId }) }, media);
  }
  const { fourRowTemplate: rows } = body;
  if (!rows) return undefined;
  const interactive = known({
    title: textOf(rows.highlyStructuredMessage && structuredText(rows.highlyStructuredMessage), 'line'),
    body: textOf(rows.content && structuredText(rows.content), 'text'),
    footer: textOf(rows.footer && structuredText(rows.footer)),
    location: placeOf(rows.locationMessage),
    buttons: firstOf(rows.buttons, MOST_BUTTONS).map(unhydratedButton),
    templateId,
  });
  return company('template', interactive, readHeaderFile(rows, reading));
}

function templateButton({
  quickReplyButton: reply,
  urlButton: link,
  callButton: call,
}: proto.IHydratedTemplateButton): Button {
  if (link) return { kind: 'url', text: line(link.displayText), ...known({ url: textOf(link.url, 'url') }) };
  if (call)
    return {
      kind: 'call',
      text: line(call.displayText),
      ...known({ phoneNumber: textOf(call.phoneNumber, 'line') }),
    };
  return { kind: 'reply', text: line(reply?.displayText), ...known({ id: textOf(reply?.id, 'id') }) };
}

/** Of a template whose texts its reader has to put together. */
function unhydratedButton({
  quickReplyButton: reply,
  urlButton: link,
  callButton: call,
}: proto.ITemplateButton): Button {
  const textIn = (text: proto.Message.IHighlyStructuredMessage | null | undefined) =>
    line(text && structuredText(text));
  if (link)
    return {
      kind: 'url',
      text: textIn(link.displayText),
      ...known({ url: textOf(link.url && structuredText(link.url), 'url') }),
    };
  if (call) return { kind: 'call', text: textIn(call.displayText) };
  return { kind: 'reply', text: textIn(reply?.displayText), ...known({ id: textOf(reply?.id, 'id') }) };
}

const structuredText = ({ params, elementName, fallbackLg: _ }: proto.Message.IHighlyStructuredMessage) =>
  params?.join(' ') || elementName || undefined;

/** A template by its name and its parameters; the text itself is with WhatsApp. */
export function readHighlyStructured(
  body: proto.Message.IHighlyStructuredMessage,
  reading: Reading,
): Of<'template'> {
  const hydrated = body.hydratedHsm && readTemplate(body.hydratedHsm, reading);
  const parameters = firstOf(body.params, MOST_BUTTONS).map((text) => textOf(text) ?? '');
  const templateId = textOf(body.elementName, 'id');
  const interactive = {
    ...(hydrated?.interactive ?? { buttons: [], ...known({ body: textOf(parameters.join(' '), 'text') }) }),
    ...known({ templateId }),
    parameters,
  };
  return company('template', interactive, hydrated?.media);
}

export function readButtons(body: proto.Message.IButtonsMessage, reading: Reading): Of<'buttons'> {
  const interactive = known({
    title: textOf(body.text, 'line'),
    body: textOf(body.contentText, 'text'),
    footer: textOf(body.footerText),
    location: placeOf(body.locationMessage),
    buttons: firstOf(body.buttons, MOST_BUTTONS).map(({ buttonId, buttonText, nativeFlowInfo }): Button => {
      const text = line(buttonText?.displayText);
      const id = textOf(buttonId, 'id');
      if (!nativeFlowInfo) return { kind: 'reply', text, ...known({ id }) };
      return {
        ...flowButton(nativeFlowInfo.name, nativeFlowInfo.paramsJson),
        ...known({ id }),
        ...(text ? { text } : {}),
      };
    }),
  });
  return company('buttons', interactive, readHeaderFile(body, reading));
}

export function readList(body: proto.Message.IListMessage): Of<'list'> | Of<'catalog'> {
  const products = body.productListInfo?.productSections ?? [];
  const title = textOf(body.title, 'line');
  const description = textOf(body.description, 'text');
  if (products.length > 0) {
    const ids = products.flatMap((section) =>
      (section.products ?? []).map(({ productId }) => productId ?? ''),
    );
    const sellerJid = textOf(body.productListInfo?.businessOwnerJid, 'id');
    const productIds = firstOf(ids, MOST_ROWS).map((id) => textOf(id, 'id') ?? '');
    return {
      type: 'catalog',
      content: description ?? title ?? null,
      catalog: known({ title, description, sellerJid, productIds }),
    };
  }
  const sections = firstOf(body.sections, MOST_SECTIONS).map((section) =>
    known({
      title: textOf(section.title, 'line'),
      rows: firstOf(section.rows, MOST_ROWS).map((row) =>
        known({
          id: textOf(row.rowId, 'id') ?? '',
          title: line(row.title),
          description: textOf(row.description, 'line'),
        }),
      ),
    }),
  );
  const footer = textOf(body.footerText);
  const buttonText = textOf(body.buttonText, 'line');
  return company('list', known({ title, body: description, footer, buttonText, buttons: [], sections }));
}

export function readInteractive(
  body: proto.Message.IInteractiveMessage,
  reading: Reading,
): Of<'interactive'> {
  const cards = firstOf(body.carouselMessage?.cards, MOST_CARDS).map(cardOf);
  const interactive = known({ ...cardOf(body), cards: cards.length > 0 ? cards : undefined });
  return company('interactive', interactive, readHeaderFile(body.header, reading));
}

function cardOf({
  header,
  body,
  footer,
  nativeFlowMessage: flow,
  shopStorefrontMessage: shop,
  collectionMessage: collection,
}: proto.Message.IInteractiveMessage) {
  const buttons = firstOf(flow?.buttons, MOST_BUTTONS).map(({ name, buttonParamsJson }) =>
    flowButton(name, buttonParamsJson),
  );
  const place = shop?.id ?? collection?.id;
  if (place)
    buttons.push({
      kind: 'other',
      text: '',
      name: shop ? 'shop' : 'collection',
      id: textOf(place, 'id') ?? '',
    });
  return known({
    title: textOf(header?.title || header?.productMessage?.product?.title, 'line'),
    subtitle: textOf(header?.subtitle, 'line'),
    body: textOf(body?.text, 'text'),
    footer: textOf(footer?.text),
    location: placeOf(header?.locationMessage),
    buttons,
  });
}

const KIND_OF_FLOW: Readonly<Record<string, Button['kind']>> = {
  quick_reply: 'reply',
  cta_url: 'url',
  cta_call: 'call',
  cta_copy: 'copy',
  cta_flow: 'flow',
  flow: 'flow',
  galaxy_message: 'flow',
  single_select: 'list',
  send_location: 'location',
};

/** A button of a native flow: what it does follows from its name, the rest stands in its parameters. */
function flowButton(name: string | null | undefined, json: string | null | undefined): Button {
  const parameters = objectOf(json);
  const text = (key: string) => {
    const value = parameters?.[key];
    return typeof value === 'string' ? value : undefined;
  };
  return known({
    kind: KIND_OF_FLOW[name ?? ''] ?? ('other' as const),
    text: line(text('display_text') ?? text('title') ?? text('flow_cta')),
    id: textOf(text('id') ?? text('flow_id') ?? text('copy_code'), 'id'),
    url: textOf(text('url'), 'url'),
    phoneNumber: textOf(text('phone_number'), 'line'),
    name: textOf(name, 'id'),
    parameters,
  });
}

const line = (text: string | null | undefined): string => textOf(text, 'line') ?? '';
