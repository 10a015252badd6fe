import type { MessageStatus } from './schema.ts';

/** A message's status only moves to a higher rank; `failed` is final unless the message was delivered after all. */
export const STATUS_RANK: Readonly<Record<MessageStatus, number>> = {
  pending: 0,
  sent: 1,
  failed: 2,
  delivered: 3,
  read: 4,
  played: 5,
};

export function advances(from: MessageStatus | undefined, to: MessageStatus): boolean {
  return from === undefined || STATUS_RANK[to] > STATUS_RANK[from];
}
