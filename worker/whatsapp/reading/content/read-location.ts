import type { proto } from '@whiskeysockets/baileys';
import { known, numberOf, textOf } from './from-network.ts';
import type { Of } from './reading.ts';

type Place = Of<'location'>['location'];

/** `undefined` where it does not say where it is. */
export function placeOf(body: proto.Message.ILocationMessage | null | undefined): Place | undefined {
  const latitude = numberOf(body?.degreesLatitude);
  const longitude = numberOf(body?.degreesLongitude);
  if (!body || latitude === undefined || longitude === undefined) return undefined;
  return known({
    latitude,
    longitude,
    name: textOf(body.name, 'line'),
    address: textOf(body.address),
    url: textOf(body.url, 'url'),
    caption: textOf(body.comment),
    accuracyMeters: numberOf(body.accuracyInMeters),
    live: body.isLive || undefined,
  });
}

const located = (location: Place): Of<'location'> => ({
  type: 'location',
  content: `${location.latitude},${location.longitude}`,
  location,
});

export function readLocation(body: proto.Message.ILocationMessage): Of<'location'> | undefined {
  const place = placeOf(body);
  return place && located(place);
}

export function readLiveLocation(body: proto.Message.ILiveLocationMessage): Of<'location'> | undefined {
  const { degreesLatitude = null, degreesLongitude = null, accuracyInMeters = null } = body;
  const place = placeOf({ degreesLatitude, degreesLongitude, accuracyInMeters });
  return place && located({ ...place, live: true, ...known({ caption: textOf(body.caption) }) });
}
