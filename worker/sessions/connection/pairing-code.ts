import { AppError } from '../../../shared/errors/app-error.ts';
import type { PairingCode } from '../../../shared/sessions/schema.ts';
import type { WorkerSession } from '../../../shared/workers/api/schema.ts';
import type { CurrentConnection } from './current-connection.ts';

/** How long the first QR may take: WhatsApp gives no code before it. */
export const FIRST_QR_MS = 10_000;

/** @throws AppError CONFLICT */
export function refuseLinked(isLinked: boolean): void {
  if (isLinked)
    throw new AppError('CONFLICT', 'This session is linked already. Log it out first to link another phone.');
}

/**
 * Requests a code for the phone with these digits while the session shows a QR.
 * @throws AppError CONFLICT where it is linked by now, WORKER_ERROR where no QR came, and as WhatsApp refuses
 * the number
 */
export async function showPairingCode(
  currentConnection: Pick<CurrentConnection, 'requestPairingCode'>,
  { status, error }: WorkerSession,
  digits: string,
): Promise<PairingCode> {
  refuseLinked(status === 'connected');
  if (status !== 'qr_required')
    throw new AppError('WORKER_ERROR', error ?? 'WhatsApp cannot be reached now. Try again shortly.');
  const { code, expiresAt } = await currentConnection.requestPairingCode(digits);
  return { code, expiresAt: expiresAt.toISOString(), phoneNumber: `+${digits}` };
}
