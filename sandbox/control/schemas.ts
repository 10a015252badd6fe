import * as z from 'zod';
import { faultKinds } from '../verbs.ts';

/** What the control API takes; the shapes are those of `verbs.ts`. */
const number = z.string().min(1).describe('a phone number');
const wait = { wait: z.coerce.number().int().min(0).max(120_000).optional() };
const page = {
  ...wait,
  count: z.coerce.number().int().min(1).max(100_000).optional(),
  after: z.coerce.number().int().min(0).optional(),
  id: z.string().optional(),
  from: z.string().optional(),
};

const habits = {
  number,
  name: z.string().optional(),
  lid: z
    .string()
    .regex(/^\d{5,20}(@lid)?$/, 'a LID is 5 to 20 digits')
    .optional(),
  delivers: z.boolean().optional(),
  reads: z.boolean().optional(),
  replies: z.string().nullable().optional().describe('a text, or "echo"'),
  username: z.string().nullable().optional(),
  business: z.string().nullable().optional().describe('the verified name of a company'),
};

export const NewAccountBody = z.strictObject(habits);
export const NewContactBody = z.strictObject({ ...habits, exists: z.boolean().optional() });
export const ScanBody = z.strictObject({ qr: z.string().min(1) });
export const EnterCodeBody = z.strictObject({ code: z.string().min(1) });
export const UnlinkBody = z.strictObject({ device: z.int().min(1).optional() });
export const ForgedReceiptBody = z.strictObject({
  to: z.string().min(1),
  ids: z.array(z.string().min(1)).min(1).max(10_000),
  type: z.enum(['read', 'played']).optional(),
});
export const CallBody = z.strictObject({ to: z.string().min(1), video: z.boolean().optional() });

const RawMessage = z.strictObject({
  message: z.record(z.string(), z.unknown()).optional().describe('a proto.Message, bytes as base64'),
  base64: z.base64().optional(),
  type: z.string().optional(),
  mediatype: z.string().optional(),
  edit: z.string().optional(),
});
const messageId = z.string().min(1);
const from = z.string().min(1).optional();
const addressing = z.enum(['lid', 'pn']);
const NewEvent = z.strictObject({
  name: z.string(),
  description: z.string().optional(),
  place: z.string().optional(),
  startsAt: z.int(),
  endsAt: z.int().optional(),
  cancelled: z.boolean().optional(),
});

export const SendBody = z.strictObject({
  to: z.string().min(1),
  recipients: z.array(z.string().min(1)).max(256).optional(),
  text: z.string().optional(),
  media: z
    .strictObject({
      type: z.enum(['image', 'video', 'audio', 'document', 'sticker']),
      dataBase64: z.base64(),
      mimetype: z.string().optional(),
      caption: z.string().optional(),
      filename: z.string().optional(),
      ptt: z.boolean().optional(),
    })
    .optional(),
  reaction: z.strictObject({ emoji: z.string(), messageId, fromMe: z.boolean().optional(), from }).optional(),
  edit: z.strictObject({ messageId, text: z.string() }).optional(),
  revoke: z.strictObject({ messageId }).optional(),
  quoted: z.strictObject({ messageId, text: z.string().optional() }).optional(),
  poll: z
    .strictObject({ question: z.string(), options: z.array(z.string()), selectable: z.int().optional() })
    .optional(),
  vote: z.strictObject({ messageId, options: z.array(z.string()), from }).optional(),
  event: NewEvent.optional(),
  eventEdit: NewEvent.extend({ messageId }).optional(),
  eventAnswer: z
    .strictObject({
      messageId,
      response: z.enum(['going', 'not_going', 'maybe']),
      guests: z.int().optional(),
      from,
    })
    .optional(),
  comment: z.strictObject({ messageId, text: z.string(), from }).optional(),
  raw: RawMessage.optional(),
  sealed: z.enum(['lid', 'pn', 'off']).optional(),
  withheld: z.enum(['view_once', 'absent']).optional(),
  onlyLid: z.boolean().optional(),
  newSession: z.boolean().optional(),
  late: z.boolean().optional(),
  count: z.int().min(1).max(100_000).optional(),
  id: z.string().min(1).max(64).optional(),
});

const flag = z.enum(['true', 'false', '1', '0']).transform((word) => word === 'true' || word === '1');
export const InboxParameters = z.strictObject({ ...page, chat: z.string().optional(), own: flag.optional() });
export const ReceiptParameters = z.strictObject({
  ...page,
  device: z.coerce.number().int().min(0).optional(),
  kind: z.enum(['delivered', 'read', 'played', 'retry', 'sender', 'other']).optional(),
});

const { id: _, ...pageWithoutId } = page;
export const PresenceParameters = z.strictObject(pageWithoutId);

export const FaultBody = z.strictObject({
  kind: z.enum(faultKinds),
  account: z.string().optional(),
  count: z.int().min(0).optional(),
  code: z.int().min(1).max(999).optional(),
  mode: z.enum(['held', 'delayed', 'never']).optional(),
  delayMs: z.int().min(0).max(600_000).optional(),
  sticky: z.boolean().optional(),
});
export const FaultParameters = z.strictObject({
  kind: z.enum(faultKinds).optional(),
  account: z.string().optional(),
});

export const OptionsBody = z.strictObject({
  linking: z.enum(['2026', 'classic']).optional(),
  addressing: addressing.optional(),
  alternates: z.boolean().optional(),
  sealed: z.enum(['lid', 'pn', 'off']).optional(),
  historySync: z.boolean().optional(),
  delivers: z.boolean().optional(),
  reads: z.boolean().optional(),
  inboxLimit: z.int().min(1).max(1_000_000).optional(),
});

export const GroupBody = z.strictObject({
  subject: z.string().min(1),
  creator: number,
  participants: z.array(z.string().min(1)).max(1024),
});

export const ChannelBody = z.strictObject({
  name: z.string().min(1),
  followers: z.array(z.string().min(1)).max(1024),
});
export const PostBody = z.strictObject({
  channel: z.string().min(1),
  text: z.string().optional(),
  raw: RawMessage.optional(),
  id: z.string().min(1).max(64).optional(),
});
export const TimerBody = z.strictObject({ to: z.string().min(1), seconds: z.int().min(0) });
export const PastBody = z.strictObject({
  chat: z.string().min(1),
  messages: z
    .array(
      z.strictObject({
        from: z.string().min(1),
        text: z.string().optional(),
        raw: RawMessage.optional(),
        id: z.string().min(1).max(64).optional(),
        at: z.int().min(1),
      }),
    )
    .max(5_000),
  count: z.int().min(1).max(5_000).optional(),
});
export const ForgetMediaBody = z.strictObject({
  chat: z.string().min(1),
  messageId,
  everywhere: z.boolean().optional(),
});

const StanzaJson = z.strictObject({
  tag: z.string().min(1),
  attrs: z.record(z.string(), z.string()).optional(),
  get content() {
    return z.union([z.string(), z.strictObject({ base64: z.base64() }), z.array(StanzaJson)]).optional();
  },
});
export const StanzaBody = z.strictObject({ stanza: StanzaJson, device: z.int().min(1).optional() });
export const Empty = z.strictObject({});
