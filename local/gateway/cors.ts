import { CORS } from '../../shared/contract/cors.ts';

/** As `infra/` configures the HTTP API, but for any origin: only this machine reaches this gateway. */
const MAX_AGE_S = 3600;

/** Headers of the answer to a preflight request, which API Gateway answers by itself. */
export const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': CORS.methods.join(),
  'access-control-allow-headers': CORS.requestHeaders.join(),
  'access-control-max-age': String(MAX_AGE_S),
};

/** Headers of every other answer to a page of another origin. */
export const CORS_HEADERS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': CORS.answerHeaders.join(),
};

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export function isPreflight(method: string, headers: Headers): boolean {
  const { origin, 'access-control-request-method': wanted } = headers;
  return method === 'OPTIONS' && origin !== undefined && wanted !== undefined;
}
