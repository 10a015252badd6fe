import type { proto, WAMessageKey } from '@whiskeysockets/baileys';
import type { FileOnDisk } from '../../storage/temporary-file.ts';
import type { DownloadLimits } from '../media/download-media.ts';
import type { FetchedMedia } from '../media/fetch-media.ts';
import type { Notice } from '../reading/read-notice.ts';
import type { ReceiptUpdate } from '../reading/read-receipt.ts';
import type { Incoming } from '../reading/watch-incoming.ts';
import type { OutgoingBody } from '../sending/build-action.ts';
import type { ChatVerbs } from '../sending/chat-verbs.ts';
import type { CloseReason } from './close-policy.ts';

export interface ShownQr {
  text: string;
  expiresAt: Date;
}

/** The server's answer to a message of ours; `errorCode` where it was refused. */
export interface ServerAck {
  messageId: string;
  errorCode: string | undefined;
}

/** What a socket tells its session. Nothing comes after `onClose`, nor after `close` or `destroy`. */
export interface SocketListeners {
  onQr(qr: ShownQr): void;
  /** The phone has accepted this device; WhatsApp closes the socket with 515 next. */
  onPaired(): void;
  onOpen(): void;
  /** What waited for this device while it was away has been handled. */
  onCaughtUp(): void;
  onClose(reason: CloseReason): void;
  onIncoming(incoming: Incoming): void;
  /** Resolves once nothing of it can be lost: WhatsApp is told then that it need not repeat it. */
  onReceipt(update: ReceiptUpdate): Promise<void>;
  onAck(ack: ServerAck): void;
  /** A group that changed, a call that rings. */
  onNotice(notice: Notice): void;
  onPasskeyDemand(): void;
}

/** A message ready to leave: its file is uploaded, its id chosen. */
export interface PreparedMessage {
  key: WAMessageKey & { id: string; remoteJid: string };
  message: proto.IMessage;
}

export interface MessageDraft {
  messageId: string;
  body: OutgoingBody;
  media: FetchedMedia | undefined;
}

/** One connection to WhatsApp, as far as messages and the link itself go. */
export interface MessageSocket {
  prepare(draft: MessageDraft): Promise<PreparedMessage>;
  /** Resolves when the stanza has been handed to the barrier and left. */
  relay(prepared: PreparedMessage): Promise<void>;
  /** Whether a message of ours with this id has left, or was about to, also before a restart. */
  knows(chat: string, messageId: string): Promise<boolean>;
  /** Rejects where the server does not answer in time. */
  ask(timeoutMs: number): Promise<void>;
  /** Removes this device from the account; rejects where WhatsApp does not confirm it. */
  unlink(timeoutMs: number): Promise<void>;
  /**
   * A code to type on the phone, in place of the QR of this attempt; `digits` of the phone number.
   * @throws AppError VALIDATION_ERROR, RATE_LIMITED, WORKER_TIMEOUT, WORKER_ERROR
   */
  requestPairingCode(digits: string): Promise<string>;
  download(message: proto.IMessage, limits: DownloadLimits): Promise<FileOnDisk>;
  /** Ends the connection in order. */
  close(): Promise<void>;
  /** Ends it at once: not even a closing frame leaves. */
  destroy(): void;
}

/** One connection to WhatsApp. */
export interface WhatsAppSocket extends MessageSocket {
  readonly chats: ChatVerbs;
}
