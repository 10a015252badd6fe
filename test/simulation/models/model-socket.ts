import type { proto } from '@whiskeysockets/baileys';
import type { Incoming } from '../../../worker/whatsapp/reading/watch-incoming.ts';
import type { OpenSocketOptions } from '../../../worker/whatsapp/socket/open-socket.ts';
import type { PreparedMessage, WhatsAppSocket } from '../../../worker/whatsapp/socket/whatsapp-socket.ts';
import type { Transport } from '../../../worker/whatsapp/state/frame-guard.ts';
import { FIRST_MOMENT } from '../engine/host.ts';
import { DeviceConnection, type Dialler } from './device-connection.ts';
import { ModelAuth } from './model-auth.ts';
import type { ModelWhatsApp } from './model-whatsapp.ts';
import type { DownFrame, Stanza, UpFrame } from './whatsapp-frames.ts';

const CONNECT_TIMEOUT_MS = 20_000;
const CLOSE_TIMEOUT_MS = 1_000;
const LOST = { code: 408, message: 'connection lost' };

const encode = (frame: UpFrame): Uint8Array => Buffer.from(JSON.stringify(frame));
const decode = (data: Uint8Array): UpFrame => JSON.parse(Buffer.from(data).toString());
const isoOf = (at: number) => new Date(FIRST_MOMENT + at).toISOString();

/** A message as the gateway reads it. */
function toIncoming(
  { stanzaId, from, text, at }: Extract<Stanza, { kind: 'message' }>,
  own: string,
  offline: boolean,
): Incoming {
  const jid = `${from}@s.whatsapp.net`;
  const data = {
    ...{ id: stanzaId, chatId: jid, from: jid, to: `${own}@s.whatsapp.net`, fromMe: false, isGroup: false },
    ...{ phoneNumber: `+${from}`, lid: null, pushName: null, type: 'text', content: text, offline },
    timestamp: isoOf(at),
  };
  return { event: { event: 'message_received', data }, message: { conversation: text } };
}

/** One connection to the simulated WhatsApp: every frame passes the product's own write barrier and lease check. */
class ModelSocket implements WhatsAppSocket {
  readonly #options: OpenSocketOptions;
  readonly #auth: ModelAuth;
  readonly #connection: DeviceConnection;
  readonly #transport: Transport;
  readonly #answers = new Map<number, () => void>();
  #queries = 0;
  /** Nothing is told any more. */
  #isDetached = false;
  #onClosed: () => void = () => undefined;

  constructor(
    options: OpenSocketOptions,
    dial: (auth: ModelAuth, onFrame: (frame: DownFrame) => void) => DeviceConnection,
  ) {
    const { auth, mayLeave } = options;
    if (!(auth instanceof ModelAuth)) throw new Error('A simulated socket takes a simulated state.');
    this.#options = options;
    this.#auth = auth;
    this.#connection = dial(auth, (frame) => this.#take(frame));
    this.#transport = {
      send: (data, done) => {
        this.#connection.say(decode(data));
        done?.();
      },
      close: () => this.#onClosed(),
    };
    auth.guardFrames({ ws: this.#transport }, mayLeave);
    this.#connect();
  }

  get chats(): WhatsAppSocket['chats'] {
    throw new Error('Chats are no part of a simulation.');
  }

  async prepare({ messageId: id, body }: Parameters<WhatsAppSocket['prepare']>[0]): Promise<PreparedMessage> {
    const text = 'message' in body ? (body.message ?? '') : '';
    return { key: { id, remoteJid: body.to, fromMe: true }, message: { conversation: text } };
  }

  relay({ key, message }: PreparedMessage): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const frame: UpFrame = { kind: 'message', id: key.id, to: key.remoteJid, text: textOf(message) };
    if (!this.#connection.isOpenAtClient) return Promise.reject(new Error('Connection Closed'));
    this.#transport.send(encode(frame), (error) => (error === undefined ? resolve() : reject(error)));
    return promise;
  }

  async knows(_chat: string, messageId: string): Promise<boolean> {
    return this.#auth.knows(messageId);
  }

  ask(timeoutMs: number): Promise<void> {
    return this.#query('count', timeoutMs);
  }

  unlink(timeoutMs: number): Promise<void> {
    return this.#query('unlink', timeoutMs);
  }

  requestPairingCode(): Promise<string> {
    throw new Error('Pairing codes are no part of a simulation.');
  }

  download(): Promise<never> {
    throw new Error('Files are no part of a simulation.');
  }

  async close(): Promise<void> {
    this.#isDetached = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onClosed = resolve;
    const deadline = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    this.#transport.close();
    await promise;
    clearTimeout(deadline);
    this.#connection.hangUp();
  }

  destroy(): void {
    this.#isDetached = true;
    this.#connection.hangUp();
  }

  #connect(): void {
    const { whatsapp, host } = this.#connection.dialler;
    const isCut = whatsapp.cutUntil() !== undefined;
    const afterMs = isCut ? CONNECT_TIMEOUT_MS : whatsapp.latencyMs() * 3;
    host.time.schedule(host, afterMs, 'io', () => {
      if (!this.#connection.isOpenAtClient) return;
      if (isCut) this.#closeWith(LOST);
      else this.#transport.send(encode({ kind: 'login', deviceId: this.#auth.creds?.deviceId }));
    });
  }

  #take(frame: DownFrame): void {
    if (this.#isDetached) return;
    const { listeners } = this.#options;
    switch (frame.kind) {
      case 'pair':
        this.#auth.link({ deviceId: frame.deviceId, digits: frame.digits });
        listeners.onPaired();
        this.#transport.send(encode({ kind: 'paired', deviceId: frame.deviceId }));
        break;
      case 'success':
        listeners.onOpen();
        break;
      case 'caught-up':
        listeners.onCaughtUp();
        break;
      case 'ack':
        listeners.onAck({ messageId: frame.id, errorCode: undefined });
        break;
      case 'answer':
        this.#answers.get(frame.id)?.();
        break;
      case 'stanza':
        this.#takeStanza(frame.stanza, frame.isOffline);
        break;
      case 'close':
        this.#closeWith({ code: frame.code, message: 'closed by WhatsApp' });
        break;
    }
  }

  #takeStanza(stanza: Stanza, isOffline: boolean): void {
    const { listeners, caches } = this.#options;
    const { stanzaId } = stanza;
    const confirm = () => {
      if (!this.#isDetached) this.#transport.send(encode({ kind: 'receipt', stanzaId }));
    };
    if (stanza.kind === 'status') {
      const { messageId, status, to: chat, at } = stanza;
      const update = { messageIds: [messageId], status, chat, at: new Date(FIRST_MOMENT + at) };
      listeners.onReceipt(update).then(confirm, () => undefined);
      return;
    }
    const key = `${stanza.from}|${stanzaId}`;
    if (!caches.told.has(key)) {
      caches.told.set(key, true);
      listeners.onIncoming(toIncoming(stanza, this.#auth.creds?.digits ?? '', isOffline));
    }
    confirm();
  }

  #closeWith(reason: { code: number; message: string }): void {
    if (this.#isDetached) return;
    this.#isDetached = true;
    this.#connection.hangUp();
    this.#options.listeners.onClose(reason);
  }

  #query(what: 'count' | 'unlink', timeoutMs: number): Promise<void> {
    this.#queries += 1;
    const id = this.#queries;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = setTimeout(() => reject(new Error('No answer in time.')), timeoutMs);
    this.#answers.set(id, () => {
      clearTimeout(late);
      this.#answers.delete(id);
      resolve();
    });
    this.#transport.send(encode({ kind: 'query', id, what }), (error) => {
      if (error !== undefined) reject(error);
    });
    return promise;
  }
}

const textOf = (message: proto.IMessage): string => message.conversation ?? '';

/** In place of the product's `openSocket`: dials the simulated WhatsApp for the account of a session. */
export function createModelDialler(
  whatsapp: ModelWhatsApp,
  dialler: Dialler,
  digitsOf: (sessionId: string) => string,
): (options: OpenSocketOptions) => WhatsAppSocket {
  return (options) =>
    new ModelSocket(options, ({ sessionId }, onFrame) => {
      const about = { dialler, sessionId, digits: digitsOf(sessionId) };
      return new DeviceConnection(whatsapp, about, onFrame);
    });
}
