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
};

export const NewAccountBody = z.strictObject(habits);
export const NewContactBody = z.strictObject({ ...habits, exists: z.boolean().optional() });
export const ScanBody = z.strictObject({ qr: z.string().min(1) });
export const EnterCodeBody = z.strictObject({ code: z.string().min(1) });
export const UnlinkBody = z.strictObject({ device: z.int().min(1).optional() });
export const CallBody = z.strictObject({ to: z.string().min(1), video: z.boolean().optional() });

export const SendBody = z.strictObject({
  to: z.string().min(1),
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
  reaction: z
    .strictObject({ emoji: z.string(), messageId: z.string().min(1), fromMe: z.boolean().optional() })
    .optional(),
  edit: z.strictObject({ messageId: z.string().min(1), text: z.string() }).optional(),
  revoke: z.strictObject({ messageId: z.string().min(1) }).optional(),
  quoted: z.strictObject({ messageId: z.string().min(1), text: z.string().optional() }).optional(),
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
  addressing: z.enum(['lid', 'pn']).optional(),
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
export const Empty = z.strictObject({});
