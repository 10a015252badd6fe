import * as z from 'zod';
import { NUMBER_PATTERN, parseRecipient } from '../messages/recipient.ts';
import { Slug } from '../text/slug.ts';
import { linePattern, nameOf } from '../text/text.ts';
import { ShownSettings } from './settings.ts';

/** Tenant-side spelling; the worker API and worker callbacks use the same words in lower case. */
export const SESSION_STATUSES = [
  'DISCONNECTED',
  'INITIALIZING',
  'CONNECTING',
  'QR_REQUIRED',
  'CONNECTED',
  'RECONNECTING',
  'LOGGED_OUT',
  'ERROR',
] as const;
export const SessionStatus = z.enum(SESSION_STATUSES);
export type SessionStatus = z.infer<typeof SessionStatus>;

/** What the owner of a session wants it to be; the worker converges to it (docs/ownership.md). */
export const DESIRED_STATES = ['connected', 'disconnected', 'released', 'logged_out', 'deleted'] as const;
export const DesiredState = z.enum(DESIRED_STATES);
export type DesiredState = z.infer<typeof DesiredState>;

export const SessionParams = z.object({ sessionId: Slug });

export const SessionName = nameOf(60)
  .refine((name) => /[\p{L}\p{N}]/u.test(name), 'use at least one letter or digit')
  .meta({ pattern: linePattern('[\\p{L}\\p{N}]'), examples: ['Support line'] });

const Confirmed = {
  confirmedAt: z.iso.datetime().nullable().meta({
    description:
      'When the worker that runs the session last said so; null where none runs it, and the status is certain.',
  }),
  confirmed: z.boolean().meta({
    description:
      'False where nothing was heard of that worker for 20 s: the status may have changed since confirmedAt.',
  }),
};

/** A session as its tenant sees it. */
export const Session = z.object({
  sessionId: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  status: SessionStatus,
  phoneNumber: z.string().nullable().meta({ description: 'E.164 with +, once linked.' }),
  lastActivity: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  ...Confirmed,
  settings: ShownSettings,
  error: z.string().optional().meta({ description: 'What went wrong, as a sentence.' }),
  errorCode: z.string().optional(),
});
export type Session = z.infer<typeof Session>;

const QrFields = {
  qrCode: z.string().optional().meta({ description: 'The QR as a data: URL of a PNG.' }),
  qrString: z.string().optional().meta({ description: 'The text inside the QR.' }),
};

export const SessionState = z.object({
  sessionId: z.string(),
  status: SessionStatus,
  phoneNumber: z.string().nullable(),
  lastActivity: z.iso.datetime().nullable(),
  ...Confirmed,
  workerId: z.string().optional().meta({ description: 'Shown to administrators only.' }),
  error: z.string().optional(),
  errorCode: z.string().optional(),
  ...QrFields,
});
export type SessionState = z.infer<typeof SessionState>;

export const ConnectAnswer = z.object({ sessionId: z.string(), status: SessionStatus, ...QrFields });
export type ConnectAnswer = z.infer<typeof ConnectAnswer>;

export const QrAnswer = z.object({
  qrCode: z.string(),
  qrString: z.string(),
  expiresAt: z.iso.datetime(),
});

/** The digits of a phone number, as people write it or as a JID of a person. */
export const PhoneNumber = z
  .string()
  .min(5)
  .max(64)
  .transform((text, context) => {
    const [, digits] = /^(\d+)@s\.whatsapp\.net$/.exec(parseRecipient(text) ?? '') ?? [];
    if (digits !== undefined) return digits;
    context.addIssue({
      code: 'custom',
      message: 'use a phone number with country code such as 6281234567890',
    });
    return z.NEVER;
  })
  .meta({ pattern: NUMBER_PATTERN, examples: ['6281234567890'] });

/** To be typed on the phone: WhatsApp, Linked devices, Link with phone number instead. */
export const PairingCode = z.object({
  code: z
    .string()
    .length(8)
    .meta({ examples: ['ABCD2345'] }),
  expiresAt: z.iso.datetime(),
  phoneNumber: z.string().meta({ description: 'E.164 with +.' }),
});
export type PairingCode = z.infer<typeof PairingCode>;

/** What disconnect, logout, restart and delete answer. */
export const SessionOutcome = z.object({ sessionId: z.string(), status: SessionStatus });
