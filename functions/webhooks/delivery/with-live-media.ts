import { parseText } from '../../../shared/text/text.ts';
import { signMedia } from '../../messages/media/sign-media.ts';
import type { DeliveryDeps } from './delivery-deps.ts';

interface Payload {
  type?: string;
  sessionId?: string | null;
  data?: { media?: unknown };
}

async function signEvent(
  { objects, log }: Pick<DeliveryDeps, 'objects' | 'log'>,
  event: Payload,
): Promise<Payload> {
  const { sessionId, data } = event;
  if (!sessionId || data?.media === undefined) return event;
  try {
    const media = await signMedia(objects, sessionId, data.media);
    return { ...event, data: { ...data, media } };
  } catch (error) {
    log.warn({ err: error, sessionId }, 'a file is delivered without a URL');
    return event;
  }
}

/**
 * The payload as it leaves, one event or a batch: a received file has a URL that is signed at this very attempt, so that a delivery that
 * succeeds a day later still leads to it. Without a bucket it goes without, for the id in it leads there too.
 */
export async function withLiveMedia(
  deps: Pick<DeliveryDeps, 'objects' | 'log'>,
  payload: string,
): Promise<string> {
  // Most events have no file and need not be parsed.
  if (!payload.includes('"mediaId"')) return payload;
  const body = parseText(payload) as Payload | Payload[];
  const signed = Array.isArray(body)
    ? await Promise.all(body.map((event) => signEvent(deps, event)))
    : await signEvent(deps, body);
  return JSON.stringify(signed);
}
