import { hasField } from '../../../shared/events/define-event.ts';
import { DECLARATIONS, type WebhookEvent } from '../../../shared/events/registry.ts';
import { parseText } from '../../../shared/text/text.ts';
import { signMedia } from '../../messages/media/sign-media.ts';
import type { DeliveryDeps } from './delivery-deps.ts';

/** Most events can have no file: their payload is not even parsed. */
const WITH_FILES = new Set<string>(
  DECLARATIONS.filter((event) => hasField(event, 'media')).map(({ type }) => type),
);

/**
 * The payload as it is sent: a received file gets a URL that is signed at this attempt, so that a delivery a
 * day later still leads to it. Without a bucket there is no URL; the id in the payload leads to the file as
 * well.
 */
export async function withLiveMedia(
  { objects, log }: Pick<DeliveryDeps, 'objects' | 'log'>,
  { type, payload }: { type: WebhookEvent['type']; payload: string },
): Promise<string> {
  if (!WITH_FILES.has(type)) return payload;
  const event = parseText(payload) as WebhookEvent;
  const { sessionId, data } = event;
  if (!sessionId || !('media' in data) || data.media === undefined) return payload;
  try {
    const media = await signMedia(objects, sessionId, data.media);
    return JSON.stringify({ ...event, data: { ...data, media } });
  } catch (error) {
    log.warn({ err: error, sessionId }, 'a file is delivered without a URL');
    return payload;
  }
}
