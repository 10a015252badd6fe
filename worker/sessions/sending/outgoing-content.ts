import type { Outgoing } from '../../whatsapp/sending/build-action.ts';

/** The text of a message in the words of `readContent`, which reads what was sent before a restart. */
export function contentOf(message: Outgoing): string | null {
  switch (message.type) {
    case 'text':
    case 'edit':
      return message.message ?? null;
    case 'revoke':
      return null;
    case 'reaction':
      return message.reaction?.emoji ?? null;
    case 'poll':
      return message.poll?.question ?? null;
    case 'contact':
      return message.contact?.name ?? null;
    default:
      return message.caption ?? null;
  }
}
