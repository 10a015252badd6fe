import { AppError } from '../../../shared/errors/app-error.ts';
import type { Journal } from '../../storage/journal/journal.ts';
import { OUTGOING, type SentMessages } from './sent-messages.ts';
import type { OutgoingMessage, OutgoingMessages } from './session-auth.ts';

/** WhatsApp acknowledges within a second; so many without an answer mean that it does not listen. */
const MOST_OUTGOING = 1_000;

/**
 * What WhatsApp has not acknowledged yet. An entry is durable with the ratchet that sends it, in the same write,
 * and before the frame. A crash between the two, or before the acknowledgement, leaves it to the next owner, who
 * sends it again under its id: recipients drop a repeated (sender, id), as WhatsApp's own clients rely on.
 */
export function createOutgoingMessages(journal: Journal, sent: SentMessages): OutgoingMessages {
  return {
    add({ id, to, type, at }, content) {
      journal.ensureRoom();
      if (journal.state.size(OUTGOING) >= MOST_OUTGOING)
        throw new AppError('RATE_LIMITED', 'Too many messages of this session wait for WhatsApp. Try again.');
      journal.append(OUTGOING, id, JSON.stringify({ to, type, at: at.getTime() }), 'binding');
      if (content !== undefined) sent.remember(id, to, content);
    },
    settle: (id) => journal.append(OUTGOING, id, undefined, 'idle'),
    withdraw(id) {
      journal.append(OUTGOING, id, undefined, 'binding');
      sent.forget(id);
    },
    chatOf: (id) => sent.chatOf(id),
    pending: () =>
      [...journal.state.entriesOf(OUTGOING)]
        .map(([id, text]) => ({ message: readMessage(id, text), content: sent.get(id) }))
        .sort((a, b) => a.message.at.getTime() - b.message.at.getTime()),
  };
}

function readMessage(id: string, text: string): OutgoingMessage {
  const { to, type, at }: { to: string; type: string; at: number } = JSON.parse(text);
  return { id, to, type, at: new Date(at) };
}
