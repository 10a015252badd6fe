import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { proto } from '@whiskeysockets/baileys';
import { encryptMedia } from '../media/media-crypto.ts';
import type { Envelope } from '../server/envelope.ts';
import type { Exchange } from '../server/exchange.ts';
import { nowSeconds } from '../wire/stanza.ts';
import { type Account, deviceKey } from '../world/account.ts';
import type { Companion } from '../world/companion.ts';
import type { MediaHost } from './compose.ts';
import { historiesFor } from './histories.ts';
import { emptyEnvelope, encryptForDevice } from './send-content.ts';

/**
 * What a phone sends its newly linked device, once: a key for the app state, then its history.
 * Without the history Baileys holds its events back for 20 seconds (chats.js, AwaitingInitialSync).
 */
export function greetCompanion(
  exchange: Exchange,
  account: Account,
  companion: Companion,
  host: MediaHost,
): void {
  if (companion.historySent) return;
  companion.historySent = true;
  exchange.world.touch(account);
  sendPeer(exchange, account, companion, {
    type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE,
    appStateSyncKeyShare: { keys: [appStateKey()] },
  });
  if (!exchange.world.settings.historySync) return;
  for (const history of historiesFor(exchange.world, account, companion.wantsFullHistory))
    sendHistory(exchange, account, companion, { history, host });
}

export type SentHistory = {
  history: proto.IHistorySync;
  host: MediaHost;
  /** The request that it answers. */
  peerDataRequestSessionId?: string;
};

/** Small ones travel in the notification itself, as phones send the first; the others by the media host. */
export function sendHistory(
  exchange: Exchange,
  account: Account,
  companion: Companion,
  { history, host, peerDataRequestSessionId }: SentHistory,
): void {
  const payload = deflateSync(proto.HistorySync.encode(history).finish());
  const { HistorySyncType } = proto.HistorySync;
  const isInline = [HistorySyncType.INITIAL_BOOTSTRAP, HistorySyncType.PUSH_NAME].includes(
    history.syncType ?? HistorySyncType.RECENT,
  );
  sendPeer(exchange, account, companion, {
    type: proto.Message.ProtocolMessage.Type.HISTORY_SYNC_NOTIFICATION,
    historySyncNotification: {
      syncType: history.syncType ?? null,
      chunkOrder: history.chunkOrder ?? 1,
      progress: history.progress ?? 100,
      peerDataRequestSessionId: peerDataRequestSessionId ?? null,
      ...(isInline ? { initialHistBootstrapInlinePayload: payload } : upload(payload, host)),
    },
  });
}

function upload(payload: Buffer, { store }: MediaHost): proto.Message.IHistorySyncNotification {
  const encrypted = encryptMedia('history', payload);
  return {
    mediaKey: encrypted.mediaKey,
    fileSha256: encrypted.sha256,
    fileEncSha256: encrypted.encryptedSha256,
    fileLength: payload.length,
    directPath: store.put('md-msg-hist', encrypted.encrypted),
  };
}

export function sendPeer(
  exchange: Exchange,
  account: Account,
  companion: Companion,
  protocolMessage: proto.Message.IProtocolMessage,
): void {
  const plaintext = proto.Message.encode({ protocolMessage }).finish();
  const target = { account, device: companion.id };
  const encrypted = encryptForDevice(exchange, account, target, plaintext);
  if (!encrypted) return;
  account.sentCount += 1;
  const id = `3A${randomBytes(9).toString('hex').toUpperCase()}`;
  const envelope: Envelope = {
    ...emptyEnvelope(account, { kind: 'person', account }, id, exchange),
    category: 'peer',
  };
  envelope.direct.set(deviceKey(account.number, companion.id), { ...encrypted, attrs: {} });
  exchange.deliver(envelope);
}

function appStateKey(): proto.Message.IAppStateSyncKey {
  return {
    keyId: { keyId: randomBytes(6) },
    keyData: {
      keyData: randomBytes(32),
      fingerprint: { rawId: 1, currentIndex: 0, deviceIndexes: [0] },
      timestamp: nowSeconds() * 1000,
    },
  };
}
