import type { SendBody } from '../../../shared/messages/schema.ts';

/** What changes a message that was sent before: a message of its own to WhatsApp. */
export type MessageAction =
  | { type: 'edit'; to: string; targetId: string; message: string; mentions?: string[] | undefined }
  | {
      type: 'revoke';
      to: string;
      targetId: string;
      fromMe?: boolean | undefined;
      from?: string | undefined;
    };

/** Everything that leaves as a message. */
export type OutgoingBody = SendBody | MessageAction;
export type Outgoing = OutgoingBody & { messageId?: string | undefined; epoch?: number | undefined };

export const isAction = <B extends OutgoingBody>(body: B): body is Extract<B, MessageAction> =>
  body.type === 'edit' || body.type === 'revoke';
