import { AppError } from '../../shared/errors/app-error.ts';
import { completeQr, drawPng, drawSvg, drawText } from '../../shared/sessions/qr/draw-qr.ts';
import { getSessionQr } from '../../shared/sessions/routes.ts';
import { liveQr } from '../../shared/sessions/session-item.ts';
import { implement } from '../http/implement.ts';
import { findOwnSession } from './own-session.ts';

const notAvailable = (sentence: string) => new AppError('QR_NOT_AVAILABLE', sentence);

export const handler = implement(getSessionQr, async ({ caller, params, query }, deps) => {
  const session = await findOwnSession(deps, caller, params.sessionId);
  const qr = liveQr(session, deps.now());
  if (qr === undefined)
    throw notAvailable('There is no QR to scan now. POST …/connect starts linking; the next QR follows.');
  if (query.format === 'json') return { data: { ...completeQr(qr), expiresAt: qr.expiresAt } };

  const { qrString, qrCode } = qr;
  if (query.format === 'png') {
    const picture = qrCode?.startsWith('data:image/png;base64,') ? qrCode.split(',')[1] : undefined;
    const body = qrString === undefined ? Buffer.from(picture ?? '', 'base64') : drawPng(qrString);
    return { raw: { body, contentType: 'image/png' } };
  }
  if (qrString === undefined)
    throw notAvailable('This worker gives its QR as a picture only: use format=png.');
  return query.format === 'svg'
    ? { raw: { body: drawSvg(qrString), contentType: 'image/svg+xml' } }
    : { raw: { body: drawText(qrString), contentType: 'text/plain; charset=utf-8' } };
});
