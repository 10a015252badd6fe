import { type HttpEvent, headerOf } from './http-event.ts';

const BEARER = /^Bearer +([\w.~+/=-]{1,4096})$/i;
const TOKEN = /^[\w.~+/=-]{1,4096}$/;

/** The token that a request shows: as `Authorization: Bearer …`, or in `X-Api-Key`, which means the same. */
export function credentialOf(event: Pick<HttpEvent, 'headers'>): string | undefined {
  const read = (name: string) => headerOf(event, name)?.trim() ?? '';
  return BEARER.exec(read('authorization'))?.[1] ?? TOKEN.exec(read('x-api-key'))?.[0];
}
