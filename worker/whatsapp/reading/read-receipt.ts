import { areJidsSameUser, type BinaryNode, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import type { MessageStatus } from '../../../shared/messages/schema.ts';

/** What became of messages of ours. */
export interface ReceiptUpdate {
  messageIds: string[];
  status: Extract<MessageStatus, 'delivered' | 'read' | 'played'>;
  /** The chat, without a device. */
  chat: string;
  at: Date;
}

/**
 * Receipt types that tell of the recipient. No type: delivered; `inactive`: delivered to a device that is not
 * in use, which Baileys sends itself but does not understand (`messages-recv.js:1374`, `generics.js`, STATUS_MAP).
 * All others (`sender`, `read-self`, `retry`, `hist_sync`, `peer_msg`, …) are about something else.
 */
const STATUS_OF_TYPE: Readonly<Record<string, ReceiptUpdate['status']>> = {
  '': 'delivered',
  delivery: 'delivered',
  inactive: 'delivered',
  read: 'read',
  played: 'played',
};

/** A chat that is opened after a long time is read at once; what is beyond is none of the newest. */
const MOST_IDS = 1_000;

/** `undefined` for receipts that say nothing about messages of ours. */
export function readReceipt(
  node: BinaryNode,
  me: { id: string; lid: string | undefined } | undefined,
): ReceiptUpdate | undefined {
  const { attrs, content } = node;
  const status = STATUS_OF_TYPE[attrs['type'] ?? ''];
  const from = attrs['from'];
  if (status === undefined || from === undefined || attrs['id'] === undefined) return undefined;
  const who = attrs['participant'] ?? from;
  // Another device of this account read or received something: not the recipient's doing.
  if (areJidsSameUser(who, me?.id) || areJidsSameUser(who, me?.lid)) return undefined;
  const [list] = Array.isArray(content) ? content : [];
  const more = list === undefined ? [] : getBinaryNodeChildren(list, 'item').map(({ attrs }) => attrs['id']);
  const messageIds = [attrs['id'], ...more.filter((id) => id !== undefined)].slice(0, MOST_IDS);
  const seconds = Number(attrs['t'] ?? 0);
  return {
    messageIds: [...new Set(messageIds)],
    status,
    chat: from.replace(/:\d+@/, '@'),
    at: seconds > 0 ? new Date(seconds * 1000) : new Date(),
  };
}
