import QRCode from 'qrcode';

/** WhatsApp's codes are long; the lowest correction level keeps their modules large enough to scan. */
const OPTIONS = { errorCorrectionLevel: 'L', margin: 2 } as const;
const SCALE = 5;

export function drawDataUrl(qrString: string): Promise<string> {
  return QRCode.toDataURL(qrString, { ...OPTIONS, scale: SCALE });
}

export function drawPng(qrString: string): Promise<Uint8Array> {
  return QRCode.toBuffer(qrString, { ...OPTIONS, scale: SCALE });
}

export function drawSvg(qrString: string): Promise<string> {
  return QRCode.toString(qrString, { ...OPTIONS, type: 'svg' });
}

/** For terminals. */
export function drawText(qrString: string): Promise<string> {
  return QRCode.toString(qrString, { ...OPTIONS, type: 'utf8' });
}

/** Both faces of a QR where the worker has sent only one: the picture is drawn from the text. */
export async function completeQr(qr: {
  qrString: string | undefined;
  qrCode: string | undefined;
}): Promise<{ qrString: string; qrCode: string }> {
  const { qrString = '', qrCode } = qr;
  return { qrString, qrCode: qrCode ?? (qrString === '' ? '' : await drawDataUrl(qrString)) };
}
