import type { Stanza } from '../wire/stanza.ts';
import type { WaConnection } from '../wire/wa-connection.ts';
import type { Account } from '../world/account.ts';
import type { Companion } from '../world/companion.ts';
import type { Exchange } from './exchange.ts';

/** An iq of a linked device that is logged in. */
export type Request = {
  exchange: Exchange;
  connection: WaConnection;
  account: Account;
  companion: Companion;
  node: Stanza;
  /** `get` or `set`. */
  type: string;
  /** The first child. */
  body: Stanza | undefined;
};

/** The content of the result. */
export type RequestHandler = (request: Request) => Stanza[];

/** Answered as `<iq type="error"><error code text/></iq>`. */
export class RequestRefused extends Error {
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}
