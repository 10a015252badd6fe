import { type CloseReason, nameOfClose } from '../../whatsapp/socket/close-policy.ts';
import { PASSKEY_REQUIRED } from '../../whatsapp/socket/watch-passkey-demand.ts';
import type { SessionFact } from '../session-state.ts';

type Trouble = Extract<SessionFact, { errorCode?: string }>;

/** What a session's owner is told when its connection has ended and will not come back by itself. */
export const ENDINGS = {
  replacedElsewhere: {
    fact: 'closed',
    error:
      'Another client takes over this linked device again and again. End that one and connect again, or log out and link anew.',
    errorCode: 'REPLACED_ELSEWHERE',
  },
  qrExpired: {
    fact: 'closed',
    error: 'No phone has scanned the QR code in time. Connect again for a new one.',
    errorCode: 'QR_EXPIRED',
  },
  unreachable: {
    fact: 'closed',
    error: 'WhatsApp could not be reached. Connect again in a while.',
    errorCode: 'WHATSAPP_UNREACHABLE',
  },
  versionOutdated: {
    fact: 'failed',
    error:
      'WhatsApp does not accept this version of its web client any more. Set WHATSAPP_VERSION=auto, or a newer version.',
    errorCode: 'VERSION_OUTDATED',
  },
  passkeyRequired: {
    fact: 'failed',
    error: PASSKEY_REQUIRED.sentence,
    errorCode: PASSKEY_REQUIRED.errorCode,
  },
} as const satisfies Record<string, Trouble>;

export const REPLACED: Trouble = {
  fact: 'interrupted',
  error: 'Another client has taken over this linked device. It is being taken back.',
  errorCode: 'REPLACED',
};

/** The connection is opened again after a pause. */
export const interruptedBy = ({ code }: CloseReason): Trouble => ({
  fact: 'interrupted',
  error: `The connection to WhatsApp ended (${nameOfClose(code)}). It is being opened again.`,
  errorCode: `WA_${code}`,
});
