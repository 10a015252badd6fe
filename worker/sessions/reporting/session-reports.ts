import { randomUUID } from 'node:crypto';
import { digestOf } from '../../../shared/events/create-event.ts';
import type { ReportedEvent } from '../../../shared/events/worker-report.ts';
import type { MessageStatus } from '../../../shared/messages/schema.ts';
import type { QueuedReport, Report } from '../../report.ts';
import type { PlainChange } from '../../whatsapp/reading/read-change.ts';
import { isGroupJid } from '../../whatsapp/reading/read-jid.ts';
import type { IncomingEvent } from '../../whatsapp/reading/read-message.ts';
import type { Notice } from '../../whatsapp/reading/read-notice.ts';
import type { SessionState } from '../session-state.ts';

export interface MessageOutcome {
  messageId: string;
  status: MessageStatus;
  to?: string;
  error?: string;
  errorCode?: string;
  at?: Date;
}

export interface SentMessage {
  messageId: string;
  to: string;
  type: string;
  content: string | null;
  at: Date;
  /** The change of an earlier message, where it is one. */
  change?: PlainChange | undefined;
}

/** The chat that a message of ours stands in, and whose it is, as far as that is known. */
export interface SentPlace {
  chatId: string;
  from: string | null;
}

/** Builds a session's reports: each with an id of its own, the epoch, and a rising `seq`. */
export class SessionReports {
  readonly #sessionId: string;
  #epoch: number;
  // Taken from the clock, so that it rises within an epoch even over a restart of the process.
  #seq = Date.now();

  constructor(sessionId: string, epoch: number) {
    this.#sessionId = sessionId;
    this.#epoch = epoch;
  }

  enter(epoch: number): void {
    this.#epoch = epoch;
  }

  status({ status, phoneNumber, qr, error, errorCode }: SessionState): QueuedReport {
    const id = randomUUID();
    const qrFields =
      qr === undefined ? {} : { qrCode: qr.code, qrString: qr.text, qrExpiresAt: qr.expiresAt.toISOString() };
    const body = {
      ...this.#order(id),
      status,
      phoneNumber,
      ...qrFields,
      error: error ?? null,
      errorCode: errorCode ?? null,
    };
    return { id, report: { kind: 'session-status', body } };
  }

  outcome({ messageId, status, to, error, errorCode, at = new Date() }: MessageOutcome): QueuedReport {
    const id = this.#idOf('status', messageId, status);
    const body = {
      ...this.#order(id),
      timestamp: at.toISOString(),
      messageId,
      status,
      to: to ?? null,
      error: error ?? null,
      errorCode: errorCode ?? null,
    };
    return { id, report: { kind: 'message-status', body } };
  }

  sent({ messageId, to, type, content, at }: SentMessage, place: SentPlace): QueuedReport {
    const about = { id: messageId, messageId, source: 'api', ...place, to, isGroup: isGroupJid(to) } as const;
    const data = { ...about, type, content, status: 'sent', timestamp: at.toISOString() } as const;
    return this.#event({ event: 'message_sent', data }, this.#idOf('sent', messageId));
  }

  /** @param fact the same each time that WhatsApp delivers the message */
  incoming(event: IncomingEvent, fact: string): QueuedReport {
    return this.#event(event, this.#idOf(event.event, fact));
  }

  notice({ id, ...event }: Notice): QueuedReport {
    return this.#event(event, this.#idOf(event.event, id));
  }

  /** Adopts a report of an earlier owner: its id stays, so that receivers recognise it. */
  adopt({ id, report }: QueuedReport): QueuedReport {
    const { epoch, seq } = this.#order(id);
    const adopted = { ...report, body: { ...report.body, epoch, seq } };
    return { id, report: adopted as Report };
  }

  #event(event: ReportedEvent, id: string): QueuedReport {
    return { id, report: { kind: 'event', body: { ...this.#order(id), ...event } } };
  }

  #order(id: string) {
    this.#seq += 1;
    const timestamp = new Date().toISOString();
    return { id, epoch: this.#epoch, seq: this.#seq, timestamp, sessionId: this.#sessionId };
  }

  /** The same happening gets the same id, also when WhatsApp delivers it again after a crash. */
  #idOf(...parts: readonly (string | null)[]): string {
    return digestOf(this.#sessionId, ...parts);
  }
}
