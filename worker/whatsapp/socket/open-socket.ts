import type { EventEmitter } from 'node:events';
import type { Agent } from 'node:https';
import {
  type BaileysEventMap,
  type BinaryNode,
  DEFAULT_CONNECTION_CONFIG,
  makeWASocket,
  proto,
  type UserFacingSocketConfig,
  WA_CERT_DETAILS,
  type WASocket,
  type WAVersion,
} from '@whiskeysockets/baileys';
import type { Logger } from 'pino';
import { createPeople } from '../reading/people.ts';
import { readCall, readGroupNotification } from '../reading/read-notice.ts';
import { readReceipt } from '../reading/read-receipt.ts';
import { watchContacts } from '../reading/watch-contacts.ts';
import { watchIncoming } from '../reading/watch-incoming.ts';
import { createChatVerbs } from '../sending/chat-verbs.ts';
import { createGroupVerbs } from '../sending/group-verbs.ts';
import { createSocketVerbs } from '../sending/socket-verbs.ts';
import type { SessionAuth, SocketAuth } from '../state/session-auth.ts';
import { acknowledgeBeforeLogin } from '../workarounds/acknowledge-before-login.ts';
import { containListeners, guarded } from '../workarounds/contain-listeners.ts';
import { holdReceipts } from '../workarounds/hold-receipts.ts';
import { rotateLinkingSecret } from '../workarounds/rotate-linking-secret.ts';
import { describeFault } from './describe-fault.ts';
import { quietLogger } from './quiet-logger.ts';
import { BROWSER } from './request-pairing-code.ts';
import type { SocketCaches } from './socket-caches.ts';
import { watchPasskeyDemand } from './watch-passkey-demand.ts';
import type { SocketListeners, WhatsAppSocket } from './whatsapp-socket.ts';

/** Where WhatsApp is. The live network where nothing is given; the sandbox differs in these two values only. */
export interface Network {
  url?: string | undefined;
  /** Public key, hex. */
  noiseRoot?: string | undefined;
}

export interface OpenSocketOptions {
  auth: SessionAuth;
  /** Asked immediately before each frame. */
  mayLeave: () => boolean;
  listeners: SocketListeners;
  network: Network;
  version: WAVersion;
  caches: SocketCaches;
  log: Logger;
  /** The way to WhatsApp, where it is not the direct one. */
  agent?: Agent | undefined;
  /** Whether “typing…” is shown before messages that do not say it themselves. */
  typing?: () => boolean;
  /** How long each QR is shown; WhatsApp's own times where absent. */
  qrTtlMs?: number | undefined;
  /** Messages from before the link, too. */
  history?: boolean;
  /** Replaced by `noRotation` in the test that shows why it is needed. */
  rotateSecret?: typeof rotateLinkingSecret;
}

/** What Baileys gives the first and every later QR where no time is set (`socket.js`, genPairQR). */
const FIRST_QR_MS = 60_000;
const LATER_QR_MS = 20_000;
const { HistorySyncType } = proto.HistorySync;
const LIGHT_HISTORY = new Set<number | null | undefined>([
  HistorySyncType.INITIAL_BOOTSTRAP,
  HistorySyncType.PUSH_NAME,
]);

/** Opens one connection. Everything it needs is an argument; everything it registers goes when it closes. */
export function openSocket(options: OpenSocketOptions): WhatsAppSocket {
  const { auth, network, log } = options;
  // The trust root is a mutable constant of Baileys, shared by the process: so is the network.
  if (network.noiseRoot !== undefined) WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(network.noiseRoot, 'hex');
  const sockets = { current: undefined as WASocket | undefined };
  const config = configOf(options, () => sockets.current);
  const socket = makeWASocket(config);
  sockets.current = socket;
  auth.guardFrames(socket, options.mayLeave);
  containListeners(socket.ws as unknown as EventEmitter, (fault, event) =>
    log.warn({ event, reason: describeFault(fault) }, 'a stanza could not be handled'),
  );
  const detach = attach(socket, options);
  const { caches } = options;
  const account = () => auth.me;
  const lidOf = (jid: string) => auth.lidOf(jid);
  const quotable = (id: string) => caches.quotable.get(id);
  const groups = createGroupVerbs(socket, { account, lidOf, caches });
  return createSocketVerbs(socket, {
    detach,
    logger: quietLogger(log),
    getMessage: config.getMessage,
    agent: options.agent,
    typing: options.typing ?? (() => false),
    quotable,
    sentAt: config.sentAt,
    chats: createChatVerbs(socket, { groups, lidOf, quotable }),
  });
}

function configOf(
  { auth, caches, network, version, agent, qrTtlMs, history = false, log }: OpenSocketOptions,
  socket: () => WASocket | undefined,
): UserFacingSocketConfig & Pick<SocketAuth, 'getMessage' | 'sentAt'> {
  const { auth: state, makeSignalRepository, getMessage, sentAt } = auth.openSocket();
  const { groups, groupList: _list, told: _told, quotable: _quotable, ...caching } = caches;
  return {
    ...caching,
    auth: state,
    makeSignalRepository,
    getMessage,
    sentAt,
    version,
    waWebSocketUrl: network.url ?? DEFAULT_CONNECTION_CONFIG.waWebSocketUrl,
    // Uploads go where the socket goes.
    ...(agent === undefined ? {} : { agent, fetchAgent: agent }),
    logger: quietLogger(log),
    browser: BROWSER,
    connectTimeoutMs: 20_000,
    defaultQueryTimeoutMs: 30_000,
    keepAliveIntervalMs: 25_000,
    markOnlineOnConnect: false,
    emitOwnEvents: false,
    generateHighQualityLinkPreview: false,
    syncFullHistory: history,
    shouldSyncHistoryMessage: ({ syncType }) => history || LIGHT_HISTORY.has(syncType),
    ...(qrTtlMs === undefined ? {} : { qrTimeout: qrTtlMs }),
    cachedGroupMetadata: async (jid) => {
      const known = groups.get(jid) ?? (await socket()?.groupMetadata(jid));
      if (known !== undefined) groups.set(jid, known);
      return known;
    },
  };
}

/** Registers every listener of ours and answers the function that removes them all. */
function attach(socket: WASocket, options: OpenSocketOptions): () => void {
  const { auth, caches, listeners, log, rotateSecret = rotateLinkingSecret } = options;
  const safe = <Args extends unknown[]>(listener: (...args: Args) => void) =>
    guarded(listener, (fault) =>
      log.error({ reason: describeFault(fault) }, 'an event of the socket could not be handled'),
    );
  const people = createPeople(() => ({
    me: auth.me,
    lidOf: (jid) => auth.lidOf(jid),
    pnOf: (lid) => auth.pnOf(lid),
    namesOf: (person) => auth.contacts.namesOf(person),
    subjectOf: (groupJid) => caches.groups.get(groupJid)?.subject,
  }));
  const qr = trackQr(options);
  const rotation = rotateSecret(
    socket,
    safe((update) => {
      auth.saveCreds(update);
      if (qr.last !== undefined) listeners.onQr({ ...qr.last, text: rotation.current(qr.last.text) });
    }),
  );
  const onCreds = safe((update: BaileysEventMap['creds.update']) => auth.saveCreds(update));
  const onConnection = safe((update: BaileysEventMap['connection.update']) => {
    if (update.qr) listeners.onQr(qr.show(rotation.current(update.qr)));
    if (update.isNewLogin) listeners.onPaired();
    if (update.connection === 'open') listeners.onOpen();
    if (update.receivedPendingNotifications) listeners.onCaughtUp();
    if (update.connection !== 'close') return;
    detach();
    listeners.onClose(closeReasonOf(update.lastDisconnect?.error));
  });
  const onAck = safe(({ attrs }: BinaryNode) => {
    if (attrs['id']) listeners.onAck({ messageId: attrs['id'], errorCode: attrs['error'] });
  });
  const onGroup = safe((node: BinaryNode) => {
    caches.groups.delete(node.attrs['from'] ?? '');
    caches.groupList.clear();
    const notice = readGroupNotification(node, people);
    // Told before Baileys acknowledges it, and so durable before WhatsApp forgets it.
    if (notice !== undefined) listeners.onNotice(notice);
  });
  const onCalls = safe((calls: BaileysEventMap['call']) => {
    for (const call of calls) {
      const notice = readCall(call, people);
      if (notice !== undefined) listeners.onNotice(notice);
    }
  });
  socket.ev.on('creds.update', onCreds);
  socket.ev.on('connection.update', onConnection);
  socket.ev.on('call', onCalls);
  const stanzas: [string, (node: BinaryNode) => void][] = [
    ['CB:ack,class:message', onAck],
    ['CB:notification,type:w:gp2', onGroup],
  ];
  for (const [event, listener] of stanzas) socket.ws.prependListener(event, listener);
  const stopHolding = holdReceipts(socket.ws as unknown as EventEmitter, (node) => {
    const update = readReceipt(node, auth.me);
    return update === undefined ? undefined : listeners.onReceipt(update);
  });
  const unwatchIncoming = watchIncoming(
    socket,
    {
      account: () => auth.me,
      people,
      secretOf: (messageId) => auth.secrets.find(messageId),
    },
    caches,
    safe(listeners.onIncoming),
    (onFailure) => auth.onUndecryptable(safe(onFailure)),
  );
  const unwatchContacts = watchContacts(socket, auth.contacts);
  const stopAcknowledging = acknowledgeBeforeLogin(socket);
  const unwatchPasskey = watchPasskeyDemand(socket.ws, safe(listeners.onPasskeyDemand));
  const detach = () => {
    socket.ev.off('creds.update', onCreds);
    socket.ev.off('connection.update', onConnection);
    socket.ev.off('call', onCalls);
    for (const [event, listener] of stanzas) socket.ws.off(event, listener);
    rotation.stop();
    stopHolding();
    unwatchIncoming();
    unwatchContacts();
    unwatchPasskey();
    stopAcknowledging();
  };
  return detach;
}

function trackQr({ qrTtlMs }: OpenSocketOptions) {
  const state = {
    last: undefined as { text: string; expiresAt: Date } | undefined,
    show(text: string) {
      const ttlMs = qrTtlMs ?? (state.last === undefined ? FIRST_QR_MS : LATER_QR_MS);
      state.last = { text, expiresAt: new Date(Date.now() + ttlMs) };
      return state.last;
    },
  };
  return state;
}

function closeReasonOf(error: Error | undefined) {
  const { output } = (error ?? {}) as { output?: { statusCode?: number } };
  return { code: output?.statusCode ?? 0, message: (error?.message ?? '').slice(0, 200) };
}
