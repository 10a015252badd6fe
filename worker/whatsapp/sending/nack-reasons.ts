/**
 * Why WhatsApp's server refuses a message: the `error` of `<ack class="message">`. Names from Baileys'
 * `decode-wa-message.js` (NACK_REASONS, SERVER_ERROR_CODES).
 */
const SENTENCES: Readonly<Record<string, string>> = {
  '400': 'WhatsApp does not understand the message.',
  '403': 'WhatsApp does not let this account write to the recipient.',
  '404': 'WhatsApp does not know the recipient.',
  '421': 'WhatsApp could not route the message. Try again later.',
  '429': 'WhatsApp says that this account sends too much. Try again later.',
  '463':
    'WhatsApp does not let this account start new chats at the moment. Chats that exist go on; try again later.',
  '475': 'WhatsApp does not know this device of the recipient any more. Try again.',
  '479': 'WhatsApp found the message malformed, probably after the recipient changed devices. Try again.',
};

/** A sentence for the tenant. */
export function sentenceForNack(code: string): string {
  return SENTENCES[code] ?? `WhatsApp refused the message with code ${code}.`;
}
