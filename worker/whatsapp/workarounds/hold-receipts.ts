import type { EventEmitter } from 'node:events';
import type { BinaryNode } from '@whiskeysockets/baileys';

const RECEIPT = 'CB:receipt';
/** While reports cannot be kept, so many receipts wait; WhatsApp repeats the others at the next login. */
const MOST_HELD = 2_000;

/**
 * Baileys acknowledges a receipt once it has handled it (`messages-recv.js`, handleReceipt), and WhatsApp forgets
 * what is acknowledged. So Baileys gets a receipt only when what it tells is safe: `take` answers a promise of
 * that, or nothing for receipts that are Baileys' own business. One that is never safe is never acknowledged, and
 * comes again at the next login. Answers the function that stops it.
 */
export function holdReceipts(
  socket: EventEmitter,
  take: (node: BinaryNode) => Promise<void> | undefined,
): () => void {
  const theirs = socket.rawListeners(RECEIPT);
  let held = 0;
  let stopped = false;
  const pass = (node: BinaryNode) => {
    for (const listener of theirs) Reflect.apply(listener, socket, [node]);
  };
  const taken = (node: BinaryNode) => {
    try {
      return take(node);
    } catch {
      // What we cannot read is Baileys' business.
      return undefined;
    }
  };
  const onReceipt = (node: BinaryNode) => {
    const safe = taken(node);
    if (safe === undefined) return pass(node);
    if (held >= MOST_HELD) return;
    held += 1;
    safe
      .then(
        () => {
          if (!stopped) pass(node);
        },
        () => undefined,
      )
      .finally(() => {
        held -= 1;
      });
  };
  socket.removeAllListeners(RECEIPT);
  socket.on(RECEIPT, onReceipt);
  return () => {
    stopped = true;
    socket.off(RECEIPT, onReceipt);
  };
}
