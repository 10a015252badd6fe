import type { BinaryNode } from '@whiskeysockets/baileys';

interface NotificationSource {
  on(event: string, listener: (node: BinaryNode) => void): unknown;
  off(event: string, listener: (node: BinaryNode) => void): unknown;
}

/**
 * The notifications by which WhatsApp asks a linking client for a WebAuthn assertion ("Shortcake", see
 * WhiskeySockets/Baileys#2672 and tulir/whatsmeow#1185). Only a browser on whatsapp.com can answer them.
 */
const EVENTS = ['passkey_prologue_request', 'crsc_continuation'].map(
  (type) => `CB:notification,type:${type}`,
);

export const PASSKEY_REQUIRED = {
  errorCode: 'PASSKEY_REQUIRED',
  sentence:
    'This WhatsApp account demands a passkey to link devices, which a gateway cannot provide. Remove the passkey in WhatsApp’s settings on the phone, then connect again.',
} as const;

/** Answers the function that stops watching. */
export function watchPasskeyDemand(ws: NotificationSource, onDemand: () => void): () => void {
  for (const event of EVENTS) ws.on(event, onDemand);
  return () => {
    for (const event of EVENTS) ws.off(event, onDemand);
  };
}
