import { drawDataUrl } from '../../shared/sessions/qr/draw-qr.ts';

/** Completes a QR that a worker has sent as text only: the picture is drawn here. */
export function completeQr(qr: { qrString: string | undefined; qrCode: string | undefined }): {
  qrString: string;
  qrCode: string;
} {
  const { qrString = '', qrCode } = qr;
  return { qrString, qrCode: qrCode ?? (qrString === '' ? '' : drawDataUrl(qrString)) };
}
