import type { proto } from '@whiskeysockets/baileys';
import { known, objectOf, textOf, wholeOf } from './from-network.ts';
import type { Of } from './reading.ts';

type Reply = Of<'reply'>['reply'];

/** What a person would read of the choice; its id where that is all there is. */
const chosen = (reply: Reply): Of<'reply'> => ({
  type: 'reply',
  content: reply.title ?? reply.description ?? reply.id,
  reply,
});

export const readButtonReply = (body: proto.Message.IButtonsResponseMessage): Of<'reply'> =>
  chosen(
    known({
      kind: 'button' as const,
      id: textOf(body.selectedButtonId, 'id') ?? null,
      title: textOf(body.selectedDisplayText, 'line'),
    }),
  );

export const readTemplateReply = (body: proto.Message.ITemplateButtonReplyMessage): Of<'reply'> =>
  chosen(
    known({
      kind: 'template' as const,
      id: textOf(body.selectedId, 'id') ?? null,
      title: textOf(body.selectedDisplayText, 'line'),
      index: wholeOf(body.selectedIndex),
    }),
  );

export const readListReply = (body: proto.Message.IListResponseMessage): Of<'reply'> =>
  chosen(
    known({
      kind: 'list' as const,
      id: textOf(body.singleSelectReply?.selectedRowId, 'id') ?? null,
      title: textOf(body.title, 'line'),
      description: textOf(body.description),
    }),
  );

export function readFlowReply(body: proto.Message.IInteractiveResponseMessage): Of<'reply'> {
  const flow = body.nativeFlowResponseMessage;
  const parameters = objectOf(flow?.paramsJson);
  const id = parameters?.['id'];
  return chosen(
    known({
      kind: 'flow' as const,
      id: textOf(typeof id === 'string' ? id : flow?.name, 'id') ?? null,
      title: textOf(body.body?.text, 'text'),
      parameters,
    }),
  );
}
