import type { ContentType, MessageContent } from '../../../../shared/messages/model/message-content.ts';

/** What a reader of a message's content needs beside it. */
export interface Reading {
  /** Under which its file will be fetched. */
  mediaId: (type: ContentType) => string;
}

/** What a body says, by its type; what every message may say is added to it. */
export type ReadBody = MessageContent;
export type Of<T extends ContentType> = Extract<MessageContent, { type: T }>;
