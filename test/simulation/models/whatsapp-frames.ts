/** What a device says to WhatsApp. */
export type UpFrame =
  | { kind: 'login'; deviceId: string | undefined }
  /** The device has kept its credentials. */
  | { kind: 'paired'; deviceId: string }
  | { kind: 'message'; id: string; to: string; text: string }
  /** A message or a status that was delivered to it need not be repeated. */
  | { kind: 'receipt'; stanzaId: string }
  | { kind: 'query'; id: number; what: 'count' | 'unlink' };

/** What waits for a device until it has confirmed it. */
export type Stanza =
  | { kind: 'message'; stanzaId: string; from: string; text: string; at: number }
  | {
      kind: 'status';
      stanzaId: string;
      messageId: string;
      to: string;
      status: 'delivered' | 'read';
      at: number;
    };

/** What WhatsApp says to a device. */
export type DownFrame =
  | { kind: 'pair'; deviceId: string; digits: string }
  | { kind: 'success' }
  | { kind: 'caught-up' }
  | { kind: 'ack'; id: string }
  | { kind: 'answer'; id: number }
  | { kind: 'stanza'; stanza: Stanza; isOffline: boolean }
  | { kind: 'close'; code: number };
