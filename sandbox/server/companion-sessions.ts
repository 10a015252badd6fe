import type { proto } from '@whiskeysockets/baileys';
import { serverAddress } from '../wire/jid.ts';
import { child, nowSeconds, type Stanza, stanza } from '../wire/stanza.ts';
import type { WaConnection } from '../wire/wa-connection.ts';
import { type Account, deviceKey } from '../world/account.ts';
import type { Companion } from '../world/companion.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { answerRequest } from './answer-request.ts';
import { messageAck, readClientMessage } from './client-messages.ts';
import { takeClientPresence } from './client-presence.ts';
import { receiptAck, takeClientAck, takeClientReceipt } from './client-receipts.ts';
import { notifyDeviceChange } from './device-notifications.ts';
import type { Exchange } from './exchange.ts';
import type { Linking } from './linking.ts';
import type { PairingCodes } from './pairing-codes.ts';
import { type ConnectionUse, conflict, deviceRemoved, endWith, failure } from './wa-server.ts';

export type CompanionEvents = { activated(account: Account, companion: Companion): void };
export type CompanionParts = {
  exchange: Exchange;
  linking: Linking;
  pairingCodes: PairingCodes;
  mediaConnection: () => Stanza;
  events: CompanionEvents;
};

/** What the server does with connections: link them, log them in, and answer what they say. */
export class CompanionSessions implements ConnectionUse {
  readonly #parts: CompanionParts;
  readonly #acks: Acknowledgements;

  constructor(parts: CompanionParts) {
    this.#parts = parts;
    this.#acks = new Acknowledgements(parts.exchange.world.faults);
  }

  payload(connection: WaConnection, payload: proto.ClientPayload, clientKey: Buffer): void {
    if (payload.devicePairingData) this.#register(connection, payload, clientKey);
    else this.#login(connection, payload, clientKey);
  }

  closed(connection: WaConnection): void {
    this.#parts.linking.end(connection);
    const { account, companion } = connection;
    if (!account || !companion) return;
    const key = deviceKey(account.number, companion.id);
    const { online } = this.#parts.exchange;
    if (online.get(key) === connection) online.delete(key);
  }

  stanza(connection: WaConnection, node: Stanza): void {
    if (connection.state === 'linking') this.#linkingStanza(connection, node);
    else if (connection.account && connection.companion)
      this.#onlineStanza(connection, connection.account, connection.companion, node);
  }

  /** Removes the device from its account: its connection ends with 401, and so does every next login. */
  unlink(account: Account, companion: Companion): void {
    const { exchange } = this.#parts;
    account.companions.delete(companion.id);
    exchange.world.touch(account);
    const connection = exchange.online.get(deviceKey(account.number, companion.id));
    if (connection) endWith(connection, deviceRemoved());
    const change = { kind: 'remove' as const, device: companion.id, keyIndex: companion.keyIndex };
    notifyDeviceChange(exchange, account, change);
  }

  #register(connection: WaConnection, payload: proto.ClientPayload, clientKey: Buffer): void {
    connection.state = 'linking';
    const reason = this.#refusal(null);
    if (reason !== null) endWith(connection, failure(reason));
    else
      try {
        this.#parts.linking.begin(connection, payload, clientKey);
      } catch {
        endWith(connection, failure(400));
      }
  }

  #login(connection: WaConnection, payload: proto.ClientPayload, clientKey: Buffer): void {
    connection.state = 'online';
    const { exchange } = this.#parts;
    const account = exchange.world.accounts.get(String(payload.username ?? ''));
    const companion = account?.companions.get(payload.device ?? 0);
    if (!account || !companion?.noiseKey.equals(clientKey)) {
      endWith(connection, failure(401));
      return;
    }
    connection.account = account;
    connection.companion = companion;
    const reason = this.#refusal(account.number);
    if (reason !== null) {
      endWith(connection, failure(reason));
      return;
    }
    const key = deviceKey(account.number, companion.id);
    const older = exchange.online.get(key);
    if (older) {
      account.counters.replaced += 1;
      endWith(older, conflict());
    }
    exchange.online.set(key, connection);
    account.counters.logins += 1;
    this.#welcome(connection, account, companion);
    const deaf = exchange.world.faults.peek('deaf', account.number);
    if (deaf?.sticky) connection.deaf = true;
  }

  #refusal(number: string | null): number | null {
    const { faults } = this.#parts.exchange.world;
    const fault = faults.take('failure', number) ?? faults.take('login-refused', number);
    return fault ? (fault.code ?? (fault.kind === 'failure' ? 500 : 403)) : null;
  }

  #welcome(connection: WaConnection, account: Account, companion: Companion): void {
    const waiting = companion.queue.size;
    connection.send(
      stanza('success', {
        t: nowSeconds(),
        lid: account.jid('lid', companion.id),
        display_name: account.profile.name,
        location: 'sandbox',
        creation: Math.floor(companion.linkedAt / 1000),
      }),
    );
    const preview = { count: waiting, message: waiting, notification: 0, receipt: 0, appdata: 0 };
    connection.send(stanza('ib', {}, [stanza('offline_preview', preview)]));
    this.#parts.exchange.flush(connection, account, companion);
    connection.send(stanza('ib', {}, [stanza('offline', { count: waiting })]));
  }

  #linkingStanza(connection: WaConnection, node: Stanza): void {
    const attempt = this.#parts.linking.attemptOf(connection);
    if (!attempt || node.tag !== 'iq') return;
    if (node.attrs['type'] === 'result') this.#parts.linking.confirm(attempt, node);
    else if (child(node, 'link_code_companion_reg'))
      connection.send(this.#parts.pairingCodes.answer(attempt, node));
    else connection.send(stanza('iq', { id: node.attrs['id'], from: serverAddress, type: 'result' }));
  }

  #onlineStanza(connection: WaConnection, account: Account, companion: Companion, node: Stanza): void {
    const { exchange } = this.#parts;
    switch (node.tag) {
      case 'iq':
        this.#request(connection, account, companion, node);
        break;
      case 'message':
        this.#message(connection, account, companion, node);
        break;
      case 'receipt':
        connection.send(receiptAck(node));
        takeClientReceipt(exchange, account, companion, node);
        break;
      case 'ack':
        takeClientAck(exchange, account, companion, node);
        break;
      case 'presence':
      case 'chatstate':
        takeClientPresence(exchange, account, node);
        break;
      case 'call':
        connection.send(stanza('ack', { class: 'call', id: node.attrs['id'], from: node.attrs['to'] }));
        break;
    }
  }

  #request(connection: WaConnection, account: Account, companion: Companion, node: Stanza): void {
    const { exchange } = this.#parts;
    const type = node.attrs['type'] ?? '';
    if (type !== 'get' && type !== 'set') {
      // w:stats comes without a type; results answer nothing that is still waited for.
      if (type === '')
        connection.send(stanza('iq', { id: node.attrs['id'], from: serverAddress, type: 'result' }));
      return;
    }
    const result = { id: node.attrs['id'], from: serverAddress, type: 'result' };
    if (child(node, 'media_conn')) {
      connection.send(stanza('iq', result, [this.#parts.mediaConnection()]));
      return;
    }
    if (child(node, 'remove-companion-device')) {
      connection.send(stanza('iq', result));
      this.unlink(account, companion);
      return;
    }
    const [body] = Array.isArray(node.content) ? node.content : [];
    connection.send(answerRequest({ exchange, connection, account, companion, node, type, body }));
    if (node.attrs['xmlns'] === 'passive' && body?.tag === 'active')
      this.#parts.events.activated(account, companion);
  }

  #message(connection: WaConnection, account: Account, companion: Companion, node: Stanza): void {
    const { exchange } = this.#parts;
    const nack = exchange.world.faults.take('nack', account.number);
    const verdict = nack
      ? { error: nack.code ?? 463, envelope: null, stale: false }
      : readClientMessage(exchange, account, companion, node);
    if (verdict.stale) account.counters.staleDeviceLists += 1;
    if (verdict.error === null) account.counters.messagesAccepted += 1;
    else account.counters.messagesRefused += 1;
    this.#acks.send(connection, account.number, messageAck(node, verdict));
    if (verdict.envelope) exchange.deliver(verdict.envelope);
  }
}
