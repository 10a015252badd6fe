/** Why a socket closed: WhatsApp's or Baileys' status code, 0 where there is none. */
export interface CloseReason {
  code: number;
  /** For the log only. */
  message: string;
}

/** What to do about a closed socket. */
export type CloseAction =
  | { do: 'reconnect' }
  | { do: 'restart' }
  | { do: 'logged-out' }
  | { do: 'ask-owner' }
  | { do: 'refresh-version' }
  | { do: 'qr-expired' }
  | { do: 'stop'; errorCode: string; sentence: string };

interface Policy {
  name: string;
  linked: CloseAction;
  /** Before the account is linked; as `linked` where absent. */
  linking?: CloseAction;
}

const reconnect = { do: 'reconnect' } as const;
const stop = (errorCode: string, sentence: string): CloseAction => ({ do: 'stop', errorCode, sentence });

/**
 * One row per close code. 4xx and 5xx below 600 are WhatsApp's own (`failure reason`, `stream:error code`;
 * names as in whatsmeow's ConnectFailureReason); 408, 411, 428, 440 and 515 are Baileys' DisconnectReason.
 */
const POLICIES: Readonly<Record<number, Policy>> = {
  400: { name: 'bad request', linked: reconnect },
  401: {
    name: 'logged out',
    linked: { do: 'logged-out' },
    linking: stop(
      'LINKING_REFUSED',
      'WhatsApp refused to link this device. Connect again for a new QR code.',
    ),
  },
  402: {
    name: 'temporarily banned',
    linked: stop(
      'TEMPORARILY_BANNED',
      'WhatsApp has banned this number for a while. Open WhatsApp on the phone to see until when, then connect again.',
    ),
  },
  403: {
    name: 'locked',
    linked: stop(
      'ACCOUNT_LOCKED',
      'WhatsApp has locked this account. Open WhatsApp on the phone to see why, then connect again.',
    ),
  },
  405: { name: 'client outdated', linked: { do: 'refresh-version' } },
  406: {
    name: 'banned',
    linked: stop('ACCOUNT_BANNED', 'WhatsApp has banned this number. An appeal is made from the phone.'),
  },
  // Not WhatsApp's: what a session's own proxy answers to CONNECT.
  407: {
    name: 'proxy refused',
    linked: stop(
      'PROXY_REFUSED',
      'The session’s proxy does not accept its user name or password. Change the setting, then connect again.',
    ),
  },
  408: { name: 'connection lost', linked: reconnect, linking: { do: 'qr-expired' } },
  409: {
    name: 'bad user agent',
    linked: stop('CLIENT_REFUSED', 'WhatsApp does not accept this client. The gateway needs an update.'),
  },
  411: {
    name: 'multi-device mismatch',
    linked: stop(
      'MULTIDEVICE_REQUIRED',
      'The phone’s WhatsApp is too old to link devices. Update it, then connect again.',
    ),
  },
  428: { name: 'connection closed', linked: reconnect },
  440: { name: 'replaced', linked: { do: 'ask-owner' } },
  500: { name: 'internal server error', linked: reconnect },
  501: { name: 'experimental', linked: reconnect },
  503: { name: 'service unavailable', linked: reconnect },
  515: { name: 'restart required', linked: { do: 'restart' } },
};

/** What a close means. Unknown codes are taken as a passing trouble of the network. */
export function actionOnClose(
  reason: CloseReason,
  state: { linked: boolean; qrShown: boolean },
): CloseAction {
  const policy = POLICIES[reason.code];
  if (policy === undefined) return reconnect;
  if (state.linked) return policy.linked;
  const action = policy.linking ?? policy.linked;
  // 408 also means that the network timed out: only where a QR was shown have its attempts been used up.
  return action.do === 'qr-expired' && !state.qrShown ? reconnect : action;
}

export function nameOfClose(code: number): string {
  return POLICIES[code]?.name ?? 'connection ended';
}
