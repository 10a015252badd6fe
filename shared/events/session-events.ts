import * as z from 'zod';
import { SessionStatus } from '../sessions/schema.ts';
import { type DataOf, defineEvent } from './define-event.ts';
import { EXAMPLE_SESSION_ID, sessionFields } from './event-fields.ts';

const qrFields = {
  qrString: z.string().meta({ description: 'The text inside the QR.' }),
  qrCode: z.string().meta({ description: 'The QR as a data: URL of a PNG.' }),
  expiresAt: z.iso.datetime(),
};

const SessionQrData = z
  .object({ ...sessionFields, status: z.literal('QR_REQUIRED'), ...qrFields })
  .meta({ id: 'SessionQrData' });

/** Front ends have known the status of this frame in lower case from the start. */
const QrCodeUpdateData = z
  .object({
    ...sessionFields,
    ...qrFields,
    status: z.literal('qr_required'),
    sessionStatus: z.literal('QR_REQUIRED'),
  })
  .meta({ id: 'QrCodeUpdateData' });

const QR = {
  qrString: 'https://wa.me/settings/linked_devices#2@AbC…',
  qrCode: 'data:image/png;base64,iVBORw0KGgo…',
  expiresAt: '2026-11-21T10:00:20.000Z',
};

export const sessionQr = defineEvent({
  type: 'session.qr',
  frame: 'qr_code_update',
  summary: 'A new QR to scan. It replaces the one before.',
  data: SessionQrData,
  frameData: {
    schema: QrCodeUpdateData,
    of: (data: z.output<typeof SessionQrData>): z.output<typeof QrCodeUpdateData> => ({
      ...data,
      status: 'qr_required',
      sessionStatus: data.status,
    }),
  },
  reports: ['session-status'],
  example: { sessionId: EXAMPLE_SESSION_ID, status: 'QR_REQUIRED', ...QR },
});

export const sessionStatus = defineEvent({
  type: 'session.status',
  frame: 'session_status_update',
  summary: 'The session’s status changed; `error` and `errorCode` say why where something is wrong.',
  data: z
    .object({
      ...sessionFields,
      status: SessionStatus,
      phoneNumber: z.string().nullable().meta({ description: 'E.164 with +, once linked.' }),
      error: z.string().optional().meta({ description: 'What went wrong, as a sentence.' }),
      errorCode: z.string().optional(),
    })
    .meta({ id: 'SessionStatusData' }),
  reports: ['session-status'],
  example: { sessionId: EXAMPLE_SESSION_ID, status: 'CONNECTED', phoneNumber: '+6281200000001' },
});
export type SessionStatusData = DataOf<typeof sessionStatus>;
