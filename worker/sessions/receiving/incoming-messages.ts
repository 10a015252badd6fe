import type { proto } from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { mediaKey } from '../../../shared/messages/media/media-id.ts';
import type { MessageMedia } from '../../../shared/messages/model/message-media.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { FileOnDisk } from '../../storage/temporary-file.ts';
import { inTime } from '../../storage/wait-at-most.ts';
import { MediaDownloadError } from '../../whatsapp/media/download-media.ts';
import {
  type IncomingChange,
  type IncomingEvent,
  isMessage,
  type ReadMessage,
} from '../../whatsapp/reading/read-message.ts';
import type { Incoming } from '../../whatsapp/reading/watch-incoming.ts';
import { describeFault } from '../../whatsapp/socket/describe-fault.ts';
import type { WhatsAppSocket } from '../../whatsapp/socket/whatsapp-socket.ts';
import type { ByteBudget, Reservation } from '../byte-budget.ts';
import type { MessageHistory } from '../history/message-history.ts';
import type { ReportQueue } from '../reporting/report-queue.ts';
import type { SessionReports } from '../reporting/session-reports.ts';
import { ChatLanes } from '../sending/chat-lanes.ts';
import type { RegistrySettings } from '../settings.ts';

export interface IncomingMessagesDeps {
  sessionId: string;
  store: ObjectStore;
  budget: ByteBudget;
  settings: RegistrySettings['media'];
  reports: SessionReports;
  queue: ReportQueue;
  history: Pick<MessageHistory, 'received' | 'changed'>;
  socket: () => WhatsAppSocket | undefined;
  /** Written with the report of its message. */
  rememberSecret: (messageId: string, secret: NonNullable<ReadMessage['secret']>) => void;
  log: Logger;
}

const STOP_MS = 3_000;
const NOT_FETCHED = 'The file was not fetched before the session moved.';
const NOT_KEPT = 'The file could not be kept.';

/** Reports and stores what arrives, in order within each chat, with its file on the object store. */
export class IncomingMessages {
  readonly #deps: IncomingMessagesDeps;
  readonly #lanes = new ChatLanes();
  readonly #stopped = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(deps: IncomingMessagesDeps) {
    this.#deps = deps;
  }

  take({ event, fact, secret, message }: Incoming): void {
    const { reports, queue, log, rememberSecret } = this.#deps;
    const media = mediaIn(event);
    const without = (error: string) => (media === undefined ? event : withMedia(event, { error }));
    // Journaled at once, before the receipt leaves: a file counts as missing until it is here.
    queue.journal(reports.incoming(without(NOT_FETCHED), fact));
    this.#takeDown(without(NOT_FETCHED), media === undefined ? 'ready' : 'open');
    // In the same tick, and so in the same write.
    if (secret !== undefined) rememberSecret(event.data.id, secret);
    const deliver = async () => {
      const fetched = media && message && withMedia(event, await this.#keep(media, message));
      this.#finish(fetched ?? event, fact, media !== undefined);
    };
    try {
      this.#lanes
        .run(event.data.chatId, deliver)
        .catch((fault) => log.error({ reason: describeFault(fault) }, 'an arrival was not reported'));
    } catch {
      // Too many files wait, so this report goes without its file.
      this.#finish(without(NOT_KEPT), fact, media !== undefined);
    }
  }

  /** Keeps no more files. Resolves once none is under way, as far as that is known in time. */
  async stop(timeoutMs = STOP_MS): Promise<void> {
    this.#stopped.abort();
    await inTime(timeoutMs, () => Promise.allSettled(this.#underWay)).catch(() => undefined);
  }

  #finish(event: IncomingEvent, fact: string, changed: boolean): void {
    const { reports, queue } = this.#deps;
    queue.enqueue(reports.incoming(event, fact));
    if (changed) this.#takeDown(event, 'ready');
  }

  #takeDown(event: IncomingEvent, readiness: 'open' | 'ready'): void {
    const { history } = this.#deps;
    if (isMessage(event)) history.received(event, readiness);
    else if (isShown(event)) history.changed(event);
  }

  /** The outcome of fetching the file. */
  async #keep(media: MessageMedia, message: proto.IMessage): Promise<{ error?: string; sizeBytes?: number }> {
    const { log } = this.#deps;
    const held: { room?: Reservation; file?: FileOnDisk } = {};
    try {
      held.file = await this.#fetch(message, (room) => {
        held.room = room;
      });
      await this.#putAway(media, held.file);
      return { sizeBytes: held.file.sizeBytes };
    } catch (fault) {
      log.warn(
        { mediaId: media.mediaId, reason: describeFault(fault) },
        'the file of a message could not be kept',
      );
      return { error: fault instanceof MediaDownloadError ? fault.message : NOT_KEPT };
    } finally {
      held.file?.remove();
      held.room?.release();
    }
  }

  #fetch(message: proto.IMessage, onRoom: (room: Reservation) => void): Promise<FileOnDisk> {
    const { sessionId, budget, settings, socket } = this.#deps;
    const { maxBytes, downloadTimeoutMs: timeoutMs, downloadBudgetWaitMs: waitMs } = settings;
    const { signal } = this.#stopped;
    const reserve = async (sizeBytes: number) =>
      onRoom(await budget.reserve(sessionId, sizeBytes, { waitMs, signal }));
    return socketOf(socket).download(message, { maxBytes, timeoutMs, reserve });
  }

  async #putAway({ mediaId, mimetype }: MessageMedia, { path }: FileOnDisk): Promise<void> {
    const { sessionId, store, settings } = this.#deps;
    const timeOut = AbortSignal.timeout(settings.downloadTimeoutMs);
    const signal = AbortSignal.any([timeOut, this.#stopped.signal]);
    signal.throwIfAborted();
    const contentType = mimetype ?? 'application/octet-stream';
    const kept = store.putFile(mediaKey(sessionId, mediaId), path, { contentType, signal });
    this.#underWay.add(kept);
    await kept.finally(() => this.#underWay.delete(kept));
  }
}

function socketOf(socket: () => WhatsAppSocket | undefined): WhatsAppSocket {
  const open = socket();
  if (open === undefined) throw new MediaDownloadError('The connection closed before the file was fetched.');
  return open;
}

function mediaIn(event: IncomingEvent): MessageMedia | undefined {
  return isMessage(event) && 'media' in event.data ? event.data.media : undefined;
}

function withMedia(
  event: IncomingEvent,
  { error, sizeBytes }: { error?: string; sizeBytes?: number },
): IncomingEvent {
  const known = mediaIn(event);
  if (known === undefined || !isMessage(event)) return event;
  const media: MessageMedia = {
    ...known,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(error === undefined ? {} : { error }),
  };
  // Every form that has a file has it under this name.
  return { ...event, data: { ...event.data, media } } as IncomingEvent;
}

/** Whether the history changes by it: not by what is sealed with a secret that nobody here knows. */
function isShown(event: IncomingEvent): event is IncomingChange {
  if (isMessage(event) || event.event === 'message_undecryptable') return false;
  if (event.event === 'message_reaction') return event.data.unreadable !== true;
  return event.event !== 'poll_vote' || event.data.options !== null;
}
