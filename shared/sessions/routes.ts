import * as z from 'zod';
import { PageQuery, Pagination, someOf } from '../contract/paging.ts';
import { defineRoute, TENANT } from '../contract/route.ts';
import { caseless } from '../text/slug.ts';
import { prose } from '../text/text.ts';
import {
  ConnectAnswer,
  PairingCode,
  PhoneNumber,
  QrAnswer,
  Session,
  SessionName,
  SessionOutcome,
  SessionParams,
  SessionState,
} from './schema.ts';
import { SettingsChange } from './settings.ts';

const base = { group: 'sessions', callers: TENANT } as const;
const one = { ...base, params: SessionParams } as const;
/** Failures of any change of a session, whose owner may be changing. */
const changeErrors = ['SESSION_MOVING'] as const;
/** A worker that does not answer is not a failure: the session connects once one can. */
const connectErrors = [...changeErrors, 'NO_WORKER_AVAILABLE', 'WORKER_ERROR'] as const;

export const createSession = defineRoute({
  ...base,
  id: 'createSession',
  method: 'POST',
  path: '/api/v1/sessions',
  summary: 'Create a session; nothing touches WhatsApp yet',
  body: z.object({ name: SessionName, description: prose().trim().max(500).optional() }),
  answer: Session,
  statuses: [201],
  errors: ['SESSION_LIMIT_REACHED', 'SESSION_EXISTS'],
  idempotent: true,
});

export const listSessions = defineRoute({
  ...base,
  id: 'listSessions',
  method: 'GET',
  path: '/api/v1/sessions',
  summary: 'The caller’s own sessions',
  query: PageQuery,
  answer: z.object({ sessions: z.array(Session), pagination: Pagination }),
});

export const getSession = defineRoute({
  ...one,
  id: 'getSession',
  method: 'GET',
  path: '/api/v1/sessions/{sessionId}',
  summary: 'One session',
  answer: Session,
});

export const deleteSession = defineRoute({
  ...one,
  id: 'deleteSession',
  method: 'DELETE',
  path: '/api/v1/sessions/{sessionId}',
  summary: 'Remove a session with its credentials, messages and media',
  description:
    'Messages that wait end with it, and no event tells of them. 202 means that the session is gone and that what it left is still being removed.',
  answer: z.object({ sessionId: z.string(), status: z.literal('DELETED') }),
  statuses: [200, 202],
  errors: changeErrors,
});

export const updateSession = defineRoute({
  ...one,
  id: 'updateSession',
  method: 'PUT',
  alsoBy: { PATCH: 'patchSession' },
  path: '/api/v1/sessions/{sessionId}',
  summary: 'Change the name, the description or settings; the id stays',
  description:
    'Settings that are left out stay as they are. A live session follows within seconds; a new proxy makes it connect anew.',
  body: z
    .object({
      name: SessionName.optional(),
      description: prose().trim().max(500).nullable().optional(),
      settings: SettingsChange.optional(),
    })
    .refine(
      ({ name, description, settings }) =>
        name !== undefined || description !== undefined || settings !== undefined,
      'name what to change: name, description or settings',
    )
    .meta(someOf('name', 'description', 'settings')),
  answer: Session,
  errors: changeErrors,
});

export const connectSession = defineRoute({
  ...one,
  id: 'connectSession',
  method: 'POST',
  path: '/api/v1/sessions/{sessionId}/connect',
  summary: 'Place the session on a worker and start WhatsApp; the QR follows live and by GET …/qr',
  answer: ConnectAnswer,
  statuses: [200, 202],
  errors: connectErrors,
});

export const requestPairingCode = defineRoute({
  ...one,
  id: 'requestPairingCode',
  method: 'POST',
  path: '/api/v1/sessions/{sessionId}/pairing-code',
  summary: 'A code to type on the phone, in place of a QR',
  description:
    'Starts linking where that has not begun. Each call gives a new code; the one before it ends. The session is CONNECTED once the phone has typed it.',
  body: z.object({ phoneNumber: PhoneNumber }),
  answer: PairingCode,
  errors: ['CONFLICT', ...connectErrors, 'WORKER_UNREACHABLE', 'WORKER_TIMEOUT'],
});

export const getSessionQr = defineRoute({
  ...one,
  id: 'getSessionQr',
  method: 'GET',
  path: '/api/v1/sessions/{sessionId}/qr',
  summary: 'The latest unexpired QR, as JSON or as a picture',
  query: z.object({ format: caseless(['json', 'png', 'svg', 'text']).default('json') }),
  answer: QrAnswer,
  raw: ['image/png', 'image/svg+xml', 'text/plain'],
  errors: ['QR_NOT_AVAILABLE'],
});

export const getSessionStatus = defineRoute({
  ...one,
  id: 'getSessionStatus',
  method: 'GET',
  path: '/api/v1/sessions/{sessionId}/status',
  summary: 'Where the session stands now',
  answer: SessionState,
});

export const disconnectSession = defineRoute({
  ...one,
  id: 'disconnectSession',
  method: 'POST',
  path: '/api/v1/sessions/{sessionId}/disconnect',
  summary: 'Close the connection, keep the credentials',
  answer: SessionOutcome,
  statuses: [200, 202],
  errors: changeErrors,
});

export const logoutSession = defineRoute({
  ...one,
  id: 'logoutSession',
  method: 'POST',
  path: '/api/v1/sessions/{sessionId}/logout',
  summary: 'Log out of WhatsApp and delete the credentials; linking again needs a new QR',
  description:
    'Messages that wait, scheduled ones too, fail with SESSION_LOGGED_OUT (event message.failed), even where the same phone is linked again. What is accepted afterwards waits for the phone that is linked next.',
  answer: SessionOutcome,
  statuses: [200, 202],
  errors: changeErrors,
});

export const restartSession = defineRoute({
  ...one,
  id: 'restartSession',
  method: 'POST',
  path: '/api/v1/sessions/{sessionId}/restart',
  summary: 'Close and connect again, credentials kept',
  answer: SessionOutcome,
  statuses: [200, 202],
  errors: connectErrors,
});

export const sessionRoutes = [
  createSession,
  listSessions,
  getSession,
  updateSession,
  deleteSession,
  connectSession,
  requestPairingCode,
  getSessionQr,
  getSessionStatus,
  disconnectSession,
  logoutSession,
  restartSession,
] as const;
