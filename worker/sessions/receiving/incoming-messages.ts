import type { Logger } from 'pino';
import type { EventMedia } from '../../../shared/events/message-data.ts';
import { mediaKey } from '../../../shared/messages/media/media-id.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { inTime } from '../../storage/wait-at-most.ts';
import { MediaDownloadError } from '../../whatsapp/media/download-media.ts';
import { type IncomingEvent, isMessage } from '../../whatsapp/reading/read-message.ts';
import type { Incoming } from '../../whatsapp/reading/watch-incoming.ts';
import { describeFault } from '../../whatsapp/socket/describe-fault.ts';
import type { WhatsAppSocket } from '../../whatsapp/socket/whatsapp-socket.ts';
import type { MessageHistory } from '../history/message-history.ts';
import type { ReportQueue } from '../reporting/report-queue.ts';
import type { SessionReports } from '../reporting/session-reports.ts';
import { ChatLanes } from '../sending/chat-lanes.ts';
import type { RegistrySettings } from '../settings.ts';

export interface IncomingMessagesDeps {
  sessionId: string;
  store: ObjectStore;
  settings: RegistrySettings['media'];
  reports: SessionReports;
  queue: ReportQueue;
  history: Pick<MessageHistory, 'received' | 'changed'>;
  socket: () => WhatsAppSocket | undefined;
  log: Logger;
}

const STOP_MS = 3_000;
const NOT_FETCHED = 'The file was not fetched before the session moved.';
const NOT_KEPT = 'The file could not be kept.';

/** Reports what arrives, in order within each chat, with its file on the object store, and takes it down. */
export class IncomingMessages {
  readonly #deps: IncomingMessagesDeps;
  readonly #lanes = new ChatLanes();
  readonly #stopped = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(deps: IncomingMessagesDeps) {
    this.#deps = deps;
  }

  take({ event, message }: Incoming): void {
    const { reports, queue, log } = this.#deps;
    const media = isMessage(event) ? event.data.media : undefined;
    const pending = media !== undefined;
    const without = (error: string) => (pending ? withMedia(event, { error }) : event);
    // Journaled at once, before the receipt leaves: a file that is not here yet counts as missing until it is.
    queue.journal(reports.incoming(without(NOT_FETCHED)));
    this.#takeDown(without(NOT_FETCHED), pending ? 'open' : 'ready');
    const deliver = async () =>
      this.#finish(pending ? withMedia(event, await this.#keep(media, message)) : event, pending);
    try {
      this.#lanes
        .run(event.data.chatId, deliver)
        .catch((fault) => log.error({ reason: describeFault(fault) }, 'an arrival was not reported'));
    } catch {
      // Too many files wait: the report goes without.
      this.#finish(without(NOT_KEPT), pending);
    }
  }

  /** Keeps no more files. Resolves once none is under way any more, as far as that is known in time. */
  async stop(timeoutMs = STOP_MS): Promise<void> {
    this.#stopped.abort();
    await inTime(timeoutMs, () => Promise.allSettled(this.#underWay)).catch(() => undefined);
  }

  #finish(event: IncomingEvent, changed: boolean): void {
    const { reports, queue } = this.#deps;
    queue.enqueue(reports.incoming(event));
    if (changed) this.#takeDown(event, 'ready');
  }

  #takeDown(event: IncomingEvent, readiness: 'open' | 'ready'): void {
    const { history } = this.#deps;
    if (isMessage(event)) history.received(event, readiness);
    else history.changed(event);
  }

  /** What became of the file. */
  async #keep(
    media: EventMedia,
    message: Incoming['message'],
  ): Promise<{ error?: string; sizeBytes?: number }> {
    const { sessionId, store, settings, socket, log } = this.#deps;
    try {
      const limits = { maxBytes: settings.maxBytes, timeoutMs: settings.downloadTimeoutMs };
      const bytes = await socketOf(socket).download(message, limits);
      const timeOut = AbortSignal.timeout(settings.downloadTimeoutMs);
      const signal = AbortSignal.any([timeOut, this.#stopped.signal]);
      signal.throwIfAborted();
      const contentType = media.mimetype ?? 'application/octet-stream';
      const kept = store.put(mediaKey(sessionId, media.mediaId), bytes, { contentType, signal });
      this.#underWay.add(kept);
      await kept.finally(() => this.#underWay.delete(kept));
      return { sizeBytes: bytes.length };
    } catch (fault) {
      log.warn(
        { mediaId: media.mediaId, reason: describeFault(fault) },
        'the file of a message could not be kept',
      );
      return { error: fault instanceof MediaDownloadError ? fault.message : NOT_KEPT };
    }
  }
}

function socketOf(socket: () => WhatsAppSocket | undefined): WhatsAppSocket {
  const open = socket();
  if (open === undefined) throw new MediaDownloadError('The connection closed before the file was fetched.');
  return open;
}

function withMedia(
  event: IncomingEvent,
  { error, sizeBytes }: { error?: string; sizeBytes?: number },
): IncomingEvent {
  if (!isMessage(event) || event.data.media === undefined) return event;
  const media: EventMedia = {
    ...event.data.media,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(error === undefined ? {} : { error }),
  };
  return event.event === 'message_sent'
    ? { event: 'message_sent', data: { ...event.data, media } }
    : { event: 'message_received', data: { ...event.data, media } };
}
