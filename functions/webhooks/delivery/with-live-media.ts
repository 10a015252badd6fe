import { parseText } from '../../../shared/text/text.ts';
import { signMedia } from '../../messages/media/sign-media.ts';
import type { DeliveryDeps } from './delivery-deps.ts';

interface Payload {
  type?: string;
  sessionId?: string | null;
  data?: { media?: unknown };
}

/**
 * The payload as it is sent: a received file gets a URL that is signed at this attempt, so that a delivery a
 * day later still leads to it. Without a bucket there is no URL; the id in the payload leads to the file as
 * well.
 */
export async function withLiveMedia(
  { objects, log }: Pick<DeliveryDeps, 'objects' | 'log'>,
  payload: string,
): Promise<string> {
  // Most events have no file and need not be parsed.
  if (!payload.includes('"mediaId"')) return payload;
  const event = parseText(payload) as Payload;
  const { sessionId, data } = event;
  if (!sessionId || data?.media === undefined) return payload;
  try {
    const media = await signMedia(objects, sessionId, data.media);
    return JSON.stringify({ ...event, data: { ...data, media } });
  } catch (error) {
    log.warn({ err: error, sessionId }, 'a file is delivered without a URL');
    return payload;
  }
}
