import { proto } from '@whiskeysockets/baileys';
import { firstOf, known, textOf, timeOf, wholeOf } from './from-network.ts';
import { wordOf } from './read-commerce.ts';
import type { Of } from './reading.ts';

const MOST_PARTICIPANTS = 256;

export function readCallLog(body: proto.Message.ICallLogMessage): Of<'call'> {
  const { CallOutcome } = proto.Message.CallLogMessage;
  const participants = firstOf(body.participants, MOST_PARTICIPANTS).map(({ jid, callOutcome }) =>
    known({ jid: textOf(jid, 'id') ?? '', outcome: wordOf(CallOutcome, callOutcome) }),
  );
  return {
    type: 'call',
    content: null,
    call: known({
      video: body.isVideo === true,
      outcome: wordOf(CallOutcome, body.callOutcome),
      seconds: wholeOf(body.durationSecs),
      participants: participants.length > 0 ? participants : undefined,
    }),
  };
}

export function readScheduledCall(body: proto.Message.IScheduledCallCreationMessage): Of<'call'> {
  const title = textOf(body.title, 'line');
  return {
    type: 'call',
    content: title ?? null,
    call: known({
      video: body.callType === proto.Message.ScheduledCallCreationMessage.CallType.VIDEO,
      title,
      scheduledAt: timeOf(body.scheduledTimestampMs),
    }),
  };
}

export const readScheduledCallEdit = (body: proto.Message.IScheduledCallEditMessage): Of<'call'> =>
  known({
    type: 'call' as const,
    content: null,
    call: {
      video: false,
      cancelled: body.editType === proto.Message.ScheduledCallEditMessage.EditType.CANCEL,
    },
    quotedMessageId: textOf(body.key?.id, 'id'),
  });

export function readPin(body: proto.Message.IPinInChatMessage): Of<'pin'> | undefined {
  const messageId = textOf(body.key?.id, 'id');
  const { UNPIN_FOR_ALL } = proto.Message.PinInChatMessage.Type;
  const action = body.type === UNPIN_FOR_ALL ? 'unpin' : 'pin';
  return messageId === undefined ? undefined : { type: 'pin', content: null, pin: { messageId, action } };
}

export function readKeep(body: proto.Message.IKeepInChatMessage): Of<'pin'> | undefined {
  const messageId = textOf(body.key?.id, 'id');
  const action = body.keepType === proto.KeepType.UNDO_KEEP_FOR_ALL ? 'unkeep' : 'keep';
  return messageId === undefined ? undefined : { type: 'pin', content: null, pin: { messageId, action } };
}

export const readAlbum = (body: proto.Message.IAlbumMessage): Of<'album'> => ({
  type: 'album',
  content: null,
  album: { images: wholeOf(body.expectedImageCount) ?? 0, videos: wholeOf(body.expectedVideoCount) ?? 0 },
});

export function readStickerPack(body: proto.Message.IStickerPackMessage): Of<'sticker_pack'> {
  const name = textOf(body.name, 'line') ?? '';
  return {
    type: 'sticker_pack',
    content: textOf(body.caption, 'text') ?? (name || null),
    stickerPack: known({
      name,
      publisher: textOf(body.publisher, 'line'),
      description: textOf(body.packDescription),
      stickers: body.stickers?.length ?? 0,
    }),
  };
}

export function readGroupInvite(body: proto.Message.IGroupInviteMessage): Of<'group_invite'> {
  const name = textOf(body.groupName, 'line');
  return {
    type: 'group_invite',
    content: textOf(body.caption, 'text') ?? name ?? null,
    groupInvite: known({
      groupId: textOf(body.groupJid, 'id') ?? '',
      name,
      code: textOf(body.inviteCode, 'id'),
      expiresAt: timeOf(body.inviteExpiration),
    }),
  };
}

interface ChannelInvite {
  newsletterJid?: string | null;
  newsletterName?: string | null;
  caption?: string | null;
  inviteExpiration?: unknown;
}

export const readChannelInvite =
  (asAdmin: boolean) =>
  (body: ChannelInvite): Of<'channel_invite'> => {
    const name = textOf(body.newsletterName, 'line');
    return {
      type: 'channel_invite',
      content: textOf(body.caption, 'text') ?? name ?? null,
      channelInvite: known({
        channelId: textOf(body.newsletterJid, 'id') ?? '',
        name,
        asAdmin,
        expiresAt: timeOf(body.inviteExpiration),
      }),
    };
  };
