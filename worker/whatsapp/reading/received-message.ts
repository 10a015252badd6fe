export interface ReceivedMedia {
  mediaId: string;
  mimetype: string | undefined;
  filename: string | undefined;
  sizeBytes: number | undefined;
  /** Why the file could not be kept. */
  error?: string;
}

/** A message as the gateway reports it. */
export type ReceivedMessage = {
  id: string;
  /** Stable over time: the group, else the person's LID where WhatsApp tells it, else their number's JID. */
  chatId: string;
  /** Who wrote it: their number's JID where known, else their LID. */
  from: string;
  to: string;
  fromMe: boolean;
  isGroup: boolean;
  /** Of who wrote it; E.164 with `+`. */
  phoneNumber: string | null;
  lid: string | null;
  pushName: string | null;
  type: string;
  content: string | null;
  media?: ReceivedMedia;
  quotedMessageId?: string;
  timestamp: string;
  /** Arrived while this session was away. */
  offline: boolean;
};
