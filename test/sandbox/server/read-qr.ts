import { SandboxError } from '../sandbox-error.ts';

export type QrCode = { ref: string; noiseKey: string; identity: string; secret: string };

/** `https://wa.me/settings/linked_devices#ref,noise,identity,secret,platform` (the prefix is optional). */
export function readQr(qr: string): QrCode {
  const fields = qr.slice(qr.indexOf('#') + 1).split(',');
  const [ref, noiseKey, identity, secret] = fields.map((field) => field.trim());
  if (!ref || !noiseKey || !identity || !secret)
    throw new SandboxError(
      400,
      'This is not a linking QR code: ref, noise key, identity and secret are needed.',
    );
  for (const key of [noiseKey, identity, secret])
    if (Buffer.from(key, 'base64').length !== 32)
      throw new SandboxError(400, 'A key in this QR code does not have 32 bytes.');
  return { ref, noiseKey, identity, secret };
}
