import type { CloseAction } from '../../whatsapp/socket/close-policy.ts';
import { ENDINGS } from '../connection/connection-facts.ts';
import type { SessionFact } from '../session-state.ts';

/** What a connection does once its socket has closed. */
export type AfterClose =
  | { do: 'open' }
  /** After a while; `refresh`: as a newer version of WhatsApp's web client. */
  | { do: 'retry'; refresh: boolean }
  /** Another login has taken over: the session's owner comes back after a while, anyone else does not. */
  | { do: 'ask-owner' }
  /** WhatsApp has ended the link. */
  | { do: 'log-out' }
  /** Nothing more by itself. */
  | { do: 'end'; fact: SessionFact };

export interface VersionStanding {
  canRefresh: boolean;
  /** Since the last login: where the newest is not accepted either, somebody has to look. */
  refreshed: boolean;
}

/** What follows from a close policy's action, as the session's owner is told it. */
export function afterClose(action: CloseAction, { canRefresh, refreshed }: VersionStanding): AfterClose {
  switch (action.do) {
    case 'restart':
      return { do: 'open' };
    case 'reconnect':
      return { do: 'retry', refresh: false };
    case 'refresh-version':
      return canRefresh && !refreshed
        ? { do: 'retry', refresh: true }
        : { do: 'end', fact: ENDINGS.versionOutdated };
    case 'logged-out':
      return { do: 'log-out' };
    case 'ask-owner':
      return { do: 'ask-owner' };
    case 'qr-expired':
      return { do: 'end', fact: ENDINGS.qrExpired };
    case 'stop':
      return { do: 'end', fact: { fact: 'failed', error: action.sentence, errorCode: action.errorCode } };
  }
}
