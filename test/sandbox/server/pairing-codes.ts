import { SandboxError } from '../sandbox-error.ts';
import type { ScanResult } from '../verbs.ts';
import { type Stanza, stanza } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import type { Exchange } from './exchange.ts';
import type { LinkAttempt, Linking } from './linking.ts';

/** Linking by an eight-character code. */
export class PairingCodes {
  readonly exchange: Exchange;
  readonly linking: Linking;

  constructor(exchange: Exchange, linking: Linking) {
    this.exchange = exchange;
    this.linking = linking;
  }

  answer(_attempt: LinkAttempt, node: Stanza): Stanza {
    return stanza('iq', { id: node.attrs['id'], from: 's.whatsapp.net', type: 'error' });
  }

  enter(_account: Account, _code: string): Promise<ScanResult> {
    throw new SandboxError(409, 'Not yet.');
  }
}
