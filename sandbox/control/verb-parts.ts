import type { MediaHost } from '../phone/compose.ts';
import type { Phones } from '../phone/phones.ts';
import type { CompanionSessions } from '../server/companion-sessions.ts';
import type { Exchange } from '../server/exchange.ts';
import type { Linking } from '../server/linking.ts';
import type { PairingCodes } from '../server/pairing-codes.ts';
import type { WaServer } from '../server/wa-server.ts';

/** The parts of a running sandbox that its verbs act upon. */
export type VerbParts = {
  exchange: Exchange;
  server: WaServer;
  companionSessions: CompanionSessions;
  linking: Linking;
  pairingCodes: PairingCodes;
  phones: Phones;
  mediaHost: MediaHost;
  forget: () => Promise<void>;
};
