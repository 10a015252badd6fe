import { proto } from '@whiskeysockets/baileys';
import type { Exchange } from '../server/exchange.ts';
import type { Account } from '../world/account.ts';
import type { MediaHost } from './compose.ts';
import { sendHistory, sendPeer } from './greet-companion.ts';
import { chatOfJid, webMessage } from './past-messages.ts';

export type PeerMessage = { device: number; id: string; message: proto.IMessage; host: MediaHost };

const mostOnDemand = 50;

/** A linked device asks its phone for something: a message that it was not given, or older ones of a chat. */
export function answerPeer(exchange: Exchange, account: Account, peer: PeerMessage): void {
  const request = peer.message.protocolMessage?.peerDataOperationRequestMessage;
  const companion = account.companions.get(peer.device);
  if (!request || !companion) return;
  const { PeerDataOperationRequestType: Kind, ProtocolMessage } = proto.Message;
  if (request.peerDataOperationRequestType === Kind.PLACEHOLDER_MESSAGE_RESEND) {
    const keys = (request.placeholderMessageResendRequest ?? []).map(({ messageKey }) => messageKey);
    const found = keys.flatMap((key) => messageOf(exchange, account, key) ?? []);
    sendPeer(exchange, account, companion, {
      type: ProtocolMessage.Type.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
      peerDataOperationRequestResponseMessage: {
        peerDataOperationRequestType: Kind.PLACEHOLDER_MESSAGE_RESEND,
        stanzaId: peer.id,
        peerDataOperationResult: found.map((message) => ({
          placeholderMessageResendResponse: {
            webMessageInfoBytes: proto.WebMessageInfo.encode(message).finish(),
          },
        })),
      },
    });
  }
  if (request.historySyncOnDemandRequest) {
    const messages = olderOf(exchange, account, request.historySyncOnDemandRequest);
    const { HistorySyncType } = proto.HistorySync;
    const history = { syncType: HistorySyncType.ON_DEMAND, progress: 100, ...messages };
    sendHistory(exchange, account, companion, {
      history,
      host: peer.host,
      peerDataRequestSessionId: peer.id,
    });
  }
}

function messageOf(
  { world }: Exchange,
  account: Account,
  key: proto.IMessageKey | null | undefined,
): proto.IWebMessageInfo | null {
  const remembered = account.recall(chatOfJid(world, key?.remoteJid ?? ''), key?.id ?? '');
  return remembered ? webMessage(world, account, remembered) : null;
}

function olderOf(
  { world }: Exchange,
  account: Account,
  request: proto.Message.PeerDataOperationRequestMessage.IHistorySyncOnDemandRequest,
): Pick<proto.IHistorySync, 'conversations'> {
  const id = request.chatJid ?? '';
  const chat = chatOfJid(world, id);
  const all = [...account.remembered.values()]
    .filter((message) => message.chat === chat)
    .sort((one, other) => one.timestamp - other.timestamp);
  const known = all.findIndex((message) => message.id === request.oldestMsgId);
  const before = Number(request.oldestMsgTimestampMs ?? 0) / 1000;
  const end = known >= 0 ? known : all.filter(({ timestamp }) => timestamp < before).length;
  const count = Math.min(request.onDemandMsgCount ?? mostOnDemand, mostOnDemand);
  const messages = all
    .slice(Math.max(0, end - count), end)
    .flatMap((message) => webMessage(world, account, message) ?? [])
    .reverse();
  const conversation = { id, messages: messages.map((message) => ({ message })) };
  return { conversations: messages.length > 0 ? [conversation] : [] };
}
