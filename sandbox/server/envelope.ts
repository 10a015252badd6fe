import type { Addressing } from '../wire/jid.ts';
import type { Attributes, Stanza } from '../wire/stanza.ts';
import type { Account } from '../world/account.ts';
import type { Group } from '../world/group.ts';

export type DeviceRef = { account: Account; device: number };
export type Chat =
  | { kind: 'person'; account: Account }
  | { kind: 'group'; group: Group }
  /** A broadcast list (`<digits>@broadcast`) or a status post (`status@broadcast`), with those who get it. */
  | { kind: 'list'; id: string; recipients: Account[] };
export type Enc = { type: string; body: Buffer; attrs: Attributes };

/** A message on its way through the server. */
export type Envelope = {
  id: string;
  /** Unix seconds. */
  timestamp: number;
  sender: DeviceRef;
  chat: Chat;
  /** `text`, `media`, `reaction`, …: the stanza's own word. */
  type: string;
  /** How the sender named the chat; receipts come back in the same form. */
  addressing: Addressing;
  /** What is encrypted for one device each, by device key. */
  direct: Map<string, Enc>;
  /** What is encrypted with the sender's group key. */
  group: Enc | null;
  /** Vouches for the sending device where a session begins. */
  deviceIdentity: Buffer | null;
  category: string | null;
  edit: string | null;
  /** Linked devices get a placeholder in its place. */
  withheld: 'view_once' | 'absent' | null;
  /** The stanza names the sender by LID and nothing else. */
  onlyLid: boolean;
};

/** A receipt on its way back. */
export type ReceiptNote = {
  ids: string[];
  from: DeviceRef;
  /** The author of the messages; one device where only that one is meant. */
  to: Account;
  toDevice: number | null;
  group: Group | null;
  addressing: Addressing;
  /** Absent: delivered. */
  type: string | null;
  timestamp: number;
  content: Stanza[];
};
