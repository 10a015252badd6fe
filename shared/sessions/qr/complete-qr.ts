import { drawDataUrl } from './draw-qr.ts';

/** Both faces of a QR where the worker has sent only one: the picture is drawn from the text. */
export function completeQr(qr: { qrString: string | undefined; qrCode: string | undefined }): {
  qrString: string;
  qrCode: string;
} {
  const { qrString = '', qrCode } = qr;
  return { qrString, qrCode: qrCode ?? (qrString === '' ? '' : drawDataUrl(qrString)) };
}
